namespace HeartSound.Edge;

/// <summary>What the program ends with. Documented in the README; never renumbered.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>Something nobody foresaw.</summary>
    public const int Unexpected = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Some recordings could not be read; the others are done.</summary>
    public const int SomeFailed = 3;

    /// <summary>The program cannot start its work: no model, no native library, a bad spec, no place to write.</summary>
    public const int Setup = 4;

    /// <summary>This machine does not reproduce the model's goldens.</summary>
    public const int NotReproduced = 5;

    /// <summary>Some verdicts were not acknowledged by the broker.</summary>
    public const int NotDelivered = 6;

    /// <summary>A call into a native library never came back (a stethoscope pulled at a bad moment): the process ended itself, for the supervisor to start it again.</summary>
    public const int Hung = 7;

    /// <summary>The doctor, or <c>health</c>, found that a part of the device does not work.</summary>
    public const int Unwell = 8;

    /// <summary>Interrupted, as a shell counts it (128 + SIGINT).</summary>
    public const int Interrupted = 130;
}
