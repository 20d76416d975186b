using System.Runtime.InteropServices;

namespace HeartSound.Native.Gpiod;

/// <summary>What libgpiod 2 is told with a request: who asks, and which lines how. The first failure is kept in <see cref="Errno"/>, and what follows it does nothing.</summary>
internal sealed unsafe class Gpiod2Config : IDisposable
{
    public Gpiod2Config(string consumer)
    {
        Request = Keep(Gpiod2Native.gpiod_request_config_new());
        Lines = Keep(Gpiod2Native.gpiod_line_config_new());
        if (Request != 0) Gpiod2Native.gpiod_request_config_set_consumer(Request, consumer);
    }

    public nint Request { get; }

    public nint Lines { get; }

    public int Errno { get; private set; }

    public void AddOutput(uint line, int value) => Add(line, settings =>
    {
        Keep(Gpiod2Native.gpiod_line_settings_set_direction(settings, Gpiod2Native.Output));
        Keep(Gpiod2Native.gpiod_line_settings_set_output_value(settings, value));
    });

    public void AddInput(uint line, bool pullUp) => Add(line, settings =>
    {
        Keep(Gpiod2Native.gpiod_line_settings_set_direction(settings, Gpiod2Native.Input));
        Keep(Gpiod2Native.gpiod_line_settings_set_edge_detection(settings, Gpiod2Native.BothEdges));
        if (pullUp) Keep(Gpiod2Native.gpiod_line_settings_set_bias(settings, Gpiod2Native.PullUp));
    });

    public void Dispose()
    {
        if (Lines != 0) Gpiod2Native.gpiod_line_config_free(Lines);
        if (Request != 0) Gpiod2Native.gpiod_request_config_free(Request);
    }

    private void Add(uint line, Action<nint> fill)
    {
        if (Errno != 0) return;
        var settings = Keep(Gpiod2Native.gpiod_line_settings_new());
        if (settings == 0) return;
        fill(settings);
        if (Errno == 0) Keep(Gpiod2Native.gpiod_line_config_add_line_settings(Lines, &line, 1, settings));
        Gpiod2Native.gpiod_line_settings_free(settings);
    }

    private nint Keep(nint pointer)
    {
        if (pointer == 0 && Errno == 0) Errno = Marshal.GetLastPInvokeError();
        return pointer;
    }

    private void Keep(int result)
    {
        if (result < 0 && Errno == 0) Errno = Marshal.GetLastPInvokeError();
    }
}
