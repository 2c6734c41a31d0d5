"""What is made from the content: rehearsals of conversation tests, the walk in a terminal."""
