"""From public heart-sound recordings to an ONNX file that HeartSound.Edge loads. See ``python -m heartsound_trainer --help``."""
