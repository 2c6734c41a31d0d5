"""Relais: a Telegram bot that walks a person in need toward the 3919 and the nearest help.

The map of the house, from the door inwards; imports run one way, down this list:

- `cli`: the command line, `relais`. `app`: puts everything together and serves it.
- `telegram/`: the only room that knows Telegram. `studio/`: the preview in a browser. `outputs/`:
  what is made from the content.
- `conversation`: one turn, event in, screen out.
- `meaning`: what typed words mean on a screen. `commands`: messages that begin with a slash.
- `catalogue`: translations, as their files hold them.
- `referral/`: who a person can turn to: lines, offices, places, and the actions that flows call;
  `referral/official/` fetches and reads the official directory.
- `triage/`: what decides where a conversation goes; pure. Its heart is `engine.replay`.
- `reading/`: YAML and CSV to nodes with places; problems in files.
- `settings` and `logs`: the environment in, nothing personal out.
"""
