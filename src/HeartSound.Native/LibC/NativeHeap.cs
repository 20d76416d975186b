namespace HeartSound.Native.LibC;

/// <summary>The C library's heap, on which ONNX Runtime makes its sessions.</summary>
public static class NativeHeap
{
    /// <summary>
    /// Gives free pages back to the system, those below the heap's end too. glibc keeps them else: of what making a session needs on the way – the file as a tree, weights
    /// before they are widened and put into another order – 70 MB stayed with this process for a ResNet18. Takes milliseconds; call it once what was large is done.
    /// (<c>malloc_trim(3)</c>)
    /// </summary>
    public static void GiveBack() => _ = LibCNative.malloc_trim(0);
}
