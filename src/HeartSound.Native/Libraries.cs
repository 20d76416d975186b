namespace HeartSound.Native;

/// <summary>The native libraries by the names that the loader knows.</summary>
internal static class Libraries
{
    public const string OnnxRuntime = "libonnxruntime.so.1";
}
