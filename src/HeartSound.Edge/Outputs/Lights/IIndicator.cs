namespace HeartSound.Edge.Outputs.Lights;

/// <summary>Lamps that can be switched: GPIO lines, a terminal. Used by the lights' thread alone; may throw, which degrades the light and not the device.</summary>
public interface IIndicator : IDisposable
{
    /// <summary>What people call it, in logs and <c>doctor</c>.</summary>
    string Name { get; }

    /// <summary>Something else is shown from now on: for what can say it in words, once. Lamps need not care.</summary>
    void Begin(Indication indication);

    /// <summary>Switches these on and the others off.</summary>
    void Set(Lamps lamps);

    /// <summary>Which lamps the hardware says are on; null where it cannot say.</summary>
    Lamps? Read();
}
