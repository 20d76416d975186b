using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>
/// A model on the GPU, in a process of its own (<see cref="EngineServer"/>). A window that it does not answer in time, or at all, is an <see cref="EngineException"/>, and the end
/// of the process. Asked by one thread at a time; allocates nothing per window. Whoever starts it disposes it, from any thread.
/// </summary>
internal sealed class EngineProcess : IClassifier
{
    /// <summary>Last lines of its standard error that are told with a fault.</summary>
    private const int TailLines = 8;

    /// <summary>How long a process that was killed may take to be gone; one that hangs in the driver may never be.</summary>
    private static readonly TimeSpan Death = TimeSpan.FromSeconds(2);

    private readonly EngineOrder _order;
    private readonly TimeSpan _windowLimit;
    private readonly Process _process;
    private readonly AnonymousPipeServerStream _toEngine = new(PipeDirection.Out, HandleInheritability.Inheritable);
    private readonly AnonymousPipeServerStream _fromEngine = new(PipeDirection.In, HandleInheritability.Inheritable);
    private readonly EngineWire _wire;
    private readonly Queue<string> _tail = new();
    private readonly SemaphoreSlim _asked = new(0), _answered = new(0);
    private readonly Action<string>? _said;
    private byte[] _features = [];
    private byte[] _logits = [];
    private volatile string? _fault; // of the thread that speaks to the process
    private volatile bool _isDead;
    private int _disposed;

    /// <param name="order">What to load.</param>
    /// <param name="windowLimit">How long a window may take.</param>
    /// <param name="said">Told each line that the process says on standard error; null when nobody wants to know.</param>
    public EngineProcess(EngineOrder order, TimeSpan windowLimit, Action<string>? said = null)
    {
        _order = order;
        _windowLimit = windowLimit;
        _said = said;
        _wire = new EngineWire(_fromEngine, _toEngine);
        try
        {
            _process = Start();
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            _toEngine.Dispose();
            _fromEngine.Dispose();
            throw new EngineException($"the engine's process cannot be started: {e.Message}", cause: e);
        }
        finally
        {
            _toEngine.DisposeLocalCopyOfClientHandle();
            _fromEngine.DisposeLocalCopyOfClientHandle();
        }

        new Thread(Speak) { Name = "engine", IsBackground = true }.Start();
    }

    public OnnxProvider Provider => _order.Provider;

    /// <summary>What was loaded.</summary>
    public EngineCandidate Candidate => new(_order.Provider, _order.Precision);

    /// <summary>The answer to the order; there once <see cref="WaitUntilLoaded"/> has returned.</summary>
    public EngineHello Hello { get; private set; } = new();

    public int ProcessId => _process.Id;

    /// <summary>Any thread: how it ended, also when nobody asked it anything; null while it is there.</summary>
    public string? Ended => _process.HasExited ? End() : null;

    /// <summary>What is to be disposed together with it.</summary>
    public IDisposable? Holds { get; set; }

    /// <summary>Waits until the model is loaded, and a TensorRT engine built, and has computed something.</summary>
    /// <exception cref="EngineException">It cannot, or takes longer.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public void WaitUntilLoaded(TimeSpan limit, CancellationToken stop)
    {
        if (!_answered.Wait(limit, stop)) throw Failed(string.Create(CultureInfo.InvariantCulture, $"it was not ready within {limit.TotalSeconds:0} s"));
        if (_fault is { } fault) throw Failed(fault);
    }

    public void Classify(ReadOnlySpan<float> features, Span<float> logits)
    {
        var bytes = MemoryMarshal.AsBytes(features);
        if (_features.Length != bytes.Length)
        {
            _features = new byte[bytes.Length];
            _logits = new byte[logits.Length * sizeof(float)];
        }

        if (_isDead) throw new EngineException("it has ended");
        bytes.CopyTo(_features);
        _asked.Release();
        if (!_answered.Wait(_windowLimit)) throw Failed(string.Create(CultureInfo.InvariantCulture, $"it did not answer within {_windowLimit.TotalMilliseconds:0} ms"));
        if (_fault is { } fault) throw Failed(fault);
        MemoryMarshal.Cast<byte, float>(_logits).CopyTo(logits);
        foreach (var logit in logits)
        {
            if (!float.IsFinite(logit)) throw Failed("it gave a number that is none");
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        Kill();
        _asked.Release(); // the thread finds the process gone, and ends
        _process.Dispose();
        Holds?.Dispose();
    }

    private Process Start()
    {
        // Its standard output too goes to where it says what is wrong: libraries write where they like.
        var start = SpareProcess.Start(_order.IsBackground, "engine", "serve", "--in", _toEngine.GetClientHandleAsString(), "--out", _fromEngine.GetClientHandleAsString());
        var process = new Process { StartInfo = start };
        process.ErrorDataReceived += (_, e) => Hear(e.Data);
        process.OutputDataReceived += (_, e) => Hear(e.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }

    private void Hear(string? line)
    {
        if (string.IsNullOrWhiteSpace(line)) return;
        lock (_tail)
        {
            _tail.Enqueue(line.Trim());
            if (_tail.Count > TailLines) _tail.Dequeue();
        }

        _said?.Invoke(line.Trim());
    }

    /// <summary>The thread that speaks to the process, and may wait for it for ever.</summary>
    private void Speak()
    {
        try
        {
            _wire.Write(EngineFrame.Order, JsonSerializer.SerializeToUtf8Bytes(_order, EdgeJson.Compact));
            Hello = JsonSerializer.Deserialize<EngineHello>(Expect(EngineFrame.Hello), EdgeJson.Compact)!;
            _answered.Release();
            while (true)
            {
                _asked.Wait();
                if (_isDead) return;
                _wire.Write(EngineFrame.Features, _features);
                var (kind, length) = _wire.ReadHead();
                if (kind != EngineFrame.Logits || length != _logits.Length) throw Unexpected(kind, length);
                _wire.Fill(_logits);
                _answered.Release();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidDataException or JsonException or InvalidOperationException)
        {
            _fault = e is InvalidDataException or JsonException ? e.Message : End();
            _isDead = true;
            _answered.Release();
        }
        finally
        {
            _toEngine.Dispose();
            _fromEngine.Dispose();
        }
    }

    private byte[] Expect(EngineFrame expected)
    {
        var (kind, length) = _wire.ReadHead();
        return kind == expected ? _wire.Read(length) : throw Unexpected(kind, length);
    }

    private InvalidDataException Unexpected(EngineFrame kind, int length) =>
        new(kind == EngineFrame.Fault ? Encoding.UTF8.GetString(_wire.Read(length)) : $"it answered with {kind} of {length} bytes");

    /// <summary>How the process ended.</summary>
    private string End()
    {
        try
        {
            if (!_process.WaitForExit(Death)) return "it closed its pipe";
            _process.WaitForExit(); // and what it said last has been read
            var code = _process.ExitCode;
            lock (_tail) return (code > 128 ? $"it was ended by signal {code - 128}" : $"it ended with exit code {code}") + (_tail.Count > 0 ? $" ({string.Join(" | ", _tail)})" : "");
        }
        catch (InvalidOperationException)
        {
            return "it has ended";
        }
    }

    private EngineException Failed(string fault)
    {
        Kill();
        return new EngineException(fault);
    }

    private void Kill()
    {
        _isDead = true;
        try
        {
            _process.Kill(entireProcessTree: false);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself.
        }
    }
}
