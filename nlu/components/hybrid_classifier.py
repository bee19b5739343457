"""Rasa's intent classifier of this project: n-grams and a sentence vector into one logistic regression."""

import json
from typing import Any, Dict, List, Optional, Text

import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.linear_model import LogisticRegression

from nlu.components.features import Features
from nlu.components.sentence_vector import SentenceEncoder, encoder_folder

ARRAYS, WORDS = "arrays.npz", "words.json"  # not pickle: a pickled model would be code


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class HybridClassifier(IntentClassifier, GraphComponent):
    """Multinomial logistic regression over `Features`. Needs no tokenizer and no featurizer before it."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`C`: inverse of the regularisation; `ranking_length`: how many intents a parse lists."""
        return {"C": 30.0, "max_iter": 500, "ranking_length": 10}

    @staticmethod
    def required_packages() -> List[Text]:
        """Distributions whose versions count (Rasa takes a module for its distribution, which `opencc` is not)."""
        return ["onnxruntime", "pypinyin", "sklearn", "tokenizers"]

    def __init__(
        self,
        config: Dict[Text, Any],
        name: Text,
        model_storage: ModelStorage,
        resource: Resource,
        features: Optional[Features] = None,
        intents: Optional[List[Text]] = None,
        weights: Optional[npt.NDArray[np.float32]] = None,
        bias: Optional[npt.NDArray[np.float32]] = None,
    ) -> None:
        """An untrained classifier, or with features (of which `weights` has one row each) a trained one."""
        self.name = name
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._features = features
        self._intents = intents or []
        self._weights = features.split(weights) if features is not None and weights is not None else []
        self._bias = bias

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "HybridClassifier":
        """A new untrained classifier (called by Rasa)."""
        return cls(config, execution_context.node_name, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples that have a text and an intent, and persist (called by Rasa)."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        features = Features(SentenceEncoder(encoder_folder()))
        rows = features.fit([example.get(TEXT) for example in examples])
        # Balanced: the many lines of policy_question and out_of_scope must not drown the small intents.
        regression = LogisticRegression(
            C=self._config["C"], max_iter=self._config["max_iter"], tol=1e-3, class_weight="balanced"
        ).fit(rows, [example.get(INTENT) for example in examples])
        self._features = features
        self._intents = regression.classes_.tolist()
        weights = regression.coef_.T.astype(np.float32)
        self._weights = features.split(weights)
        self._bias = regression.intercept_.astype(np.float32)
        self._persist(weights)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set intent and ranking of each message (called by Rasa)."""
        texts = [message for message in messages if message.get(TEXT)]
        if not texts or self._features is None:
            return messages
        scores = self._features.scores([message.get(TEXT) for message in texts], self._weights) + self._bias
        likely = np.exp(scores - scores.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        for message, confidences in zip(texts, likely, strict=True):
            best = np.argsort(-confidences)[: self._config["ranking_length"]]
            ranking = [
                {INTENT_NAME_KEY: self._intents[i], PREDICTED_CONFIDENCE_KEY: float(confidences[i])} for i in best
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing after this component learns from its predictions (called by Rasa)."""
        return training_data

    def _persist(self, weights: npt.NDArray[np.float32]) -> None:
        assert self._features is not None
        state = self._features.state()
        with self._model_storage.write_to(self._resource) as folder:
            np.savez_compressed(folder / ARRAYS, weights=weights, bias=self._bias, **state["arrays"])
            words = json.dumps({"intents": self._intents, "ngrams": state["words"]}, ensure_ascii=False)
            (folder / WORDS).write_text(words, "utf-8")

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_kwargs: Any,
    ) -> "HybridClassifier":
        """The classifier as it was trained (called by Rasa)."""
        with model_storage.read_from(resource) as folder:
            words = json.loads((folder / WORDS).read_text("utf-8"))
            with np.load(folder / ARRAYS, allow_pickle=False) as archive:
                arrays = dict(archive)
        features = Features.restore(SentenceEncoder(encoder_folder()), words["ngrams"], arrays)
        return cls(
            config,
            execution_context.node_name,
            model_storage,
            resource,
            features,
            words["intents"],
            arrays["weights"],
            arrays["bias"],
        )
