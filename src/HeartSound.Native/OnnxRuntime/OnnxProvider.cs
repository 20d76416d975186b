namespace HeartSound.Native.OnnxRuntime;

/// <summary>What computes a model. Cpu is in every build of ONNX Runtime; the others need a build that has them and NVIDIA's libraries.</summary>
public enum OnnxProvider
{
    Cpu,
    Cuda,
    TensorRt,
}
