"""The one error that is shown to a person without a traceback."""


class TrainerError(Exception):
    """Something the person can put right: the text names the thing, what is wrong and what to do."""
