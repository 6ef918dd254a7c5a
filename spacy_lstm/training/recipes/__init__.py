"""What configs are made of: settings that were found to be good, each with the reason why. They
stand in the files `*.cfg` here, and each number in one place only."""

from enum import Enum


class Recipe(str, Enum):
    """What a config is to be best at."""

    speed = "speed"
    accuracy = "accuracy"
    long = "long"

    @property
    def purpose(self) -> str:
        """RETURNS (str): What it is good for."""
        return PURPOSES[self]


PURPOSES = {
    Recipe.speed: "speed: the models that `nlp.add_pipe` makes, small and fast",
    Recipe.accuracy: "accuracy: the best scores, for sentences and paragraphs",
    Recipe.long: "long: as accuracy, for texts of some hundred words and more, in bounded memory",
}
