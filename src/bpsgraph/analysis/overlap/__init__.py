"""Overlaps with their reasons: items under two names, agencies in one duty, standards for one item."""

from bpsgraph.analysis.overlap.candidates import Candidate, Comparison, Kind, overlaps
from bpsgraph.analysis.overlap.features import Featured, Threshold, read_featured, read_threshold
from bpsgraph.analysis.overlap.likeness import Weights, bigrams
from bpsgraph.analysis.overlap.reviews import Decision, Review, add_review, read_reviews, reviews_in
from bpsgraph.analysis.overlap.tables import overlap_answer

__all__ = [
    "Candidate",
    "Comparison",
    "Decision",
    "Featured",
    "Kind",
    "Review",
    "Threshold",
    "Weights",
    "add_review",
    "bigrams",
    "overlap_answer",
    "overlaps",
    "read_featured",
    "read_reviews",
    "read_threshold",
    "reviews_in",
]
