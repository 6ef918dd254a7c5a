"""What others have published on the corpora, in percent, with what they use beside the labels.

Their cross-validations have other folds than ours; the splits of the other corpora are the same.
"""

from typing import List, NamedTuple

PANG_LEE = "Pang & Lee 2004 (P04-1035)"
SOCHER = "Socher et al. 2013 (D13-1170)"
WANG_MANNING = "Wang & Manning 2012 (P12-2018)"
KIM = "Kim 2014 (D14-1181)"
TAI = "Tai, Socher & Manning 2015 (P15-1150)"
WNUT = "Derczynski et al. 2017 (W17-4418)"
CARRERAS = "Carreras, Màrquez & Padró 2002 (W02-2004)"
LAMPLE = "Lample et al. 2016 (N16-1030)"
DEVLIN = "Devlin et al. 2019 (N19-1423)"
NGUYEN = "Nguyen, Vu & Nguyen 2020 (2020.emnlp-demos.2)"
WU = "Wu & Dredze 2019 (D19-1077)"

PHRASES = "labels of phrases too"
LABELS = "the labels alone"
VECTORS = "pretrained word vectors"
FEATURES = "hand-made features"
TRANSFORMER = "a pretrained transformer"


class Published(NamedTuple):
    """A published figure.

    corpus (str): The name of the corpus.
    model (str): The model.
    score (float): Accuracy or F1, in percent.
    uses (str): What it learns from.
    source (str): The paper, with its number in the ACL Anthology.
    """

    corpus: str
    model: str
    score: float
    uses: str
    source: str


PUBLISHED: List[Published] = [
    Published("sst2", "SVM", 79.4, PHRASES, SOCHER),
    Published("sst2", "naive Bayes of bigrams", 83.1, PHRASES, SOCHER),
    Published("sst2", "RNTN", 85.4, PHRASES, SOCHER),
    Published("sst2", "CNN-rand", 82.7, PHRASES, KIM),
    Published("sst2", "CNN-static", 86.8, f"{PHRASES}, {VECTORS}", KIM),
    Published("sst2", "LSTM", 84.9, f"{PHRASES}, {VECTORS}", TAI),
    Published("sst2", "BiLSTM", 87.5, f"{PHRASES}, {VECTORS}", TAI),
    Published("sst2", "BERT, large", 94.9, f"{PHRASES}, {TRANSFORMER}", DEVLIN),
    Published("sentence_polarity", "SVM of bigrams", 77.7, LABELS, WANG_MANNING),
    Published("sentence_polarity", "NBSVM of bigrams", 79.4, LABELS, WANG_MANNING),
    Published("sentence_polarity", "CNN-rand", 76.1, LABELS, KIM),
    Published("sentence_polarity", "CNN-static", 81.0, VECTORS, KIM),
    Published("movie_reviews", "SVM", 87.15, LABELS, f"{PANG_LEE}, in {WANG_MANNING}"),
    Published("movie_reviews", "SVM of bigrams", 87.4, LABELS, WANG_MANNING),
    Published("movie_reviews", "NBSVM of bigrams", 89.45, LABELS, WANG_MANNING),
    Published("wnut17", "first of the shared task", 41.86, "vectors of tweets, gazetteers", WNUT),
    Published("wnut17", "BERTweet", 56.5, f"{TRANSFORMER}, of tweets", NGUYEN),
    Published("conll2002_esp", "first of the shared task", 81.39, FEATURES, CARRERAS),
    Published("conll2002_esp", "LSTM-CRF without characters", 83.44, VECTORS, LAMPLE),
    Published("conll2002_esp", "LSTM-CRF", 85.75, VECTORS, LAMPLE),
    Published("conll2002_ned", "first of the shared task", 77.05, FEATURES, CARRERAS),
    Published("conll2002_ned", "LSTM-CRF without characters", 73.14, VECTORS, LAMPLE),
    Published("conll2002_ned", "LSTM-CRF", 81.74, VECTORS, LAMPLE),
    Published("conll2002_ned", "BERT, multilingual", 90.94, TRANSFORMER, WU),
]
