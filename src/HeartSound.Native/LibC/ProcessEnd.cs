namespace HeartSound.Native.LibC;

/// <summary>The end of this process without any of its own doing.</summary>
public static class ProcessEnd
{
    /// <summary>
    /// Ends the process at once with <paramref name="exitCode"/> (0 to 255): no handler, finaliser or destructor runs and nobody is waited for, so it works
    /// also while another thread is stuck in native code. <see cref="Environment.Exit"/> would wait for what never comes. (<c>_exit(2)</c>)
    /// </summary>
    public static void Now(int exitCode) => LibCNative._exit(exitCode);
}
