using System.Collections.Concurrent;
using HeartSound.Edge.Health;
using HeartSound.Native.Mosquitto;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Outputs.Delivery;

/// <summary>
/// Carries verdicts from the outbox to the broker, in order, on a thread of its own:
/// <code>
/// outbox ─(1) so many at once─→ broker ─┬─ acknowledged ─→ (2) taken out of the outbox
///    ↑                                  └─ refused ──────→ (3) put back, and left alone for a while
///    └────────────────────────────────────────────────────────┘
/// </code>
/// </summary>
internal sealed partial class Courier : IDisposable
{
    /// <summary>Verdicts on their way at once; libmosquitto sends as many without an answer.</summary>
    public const int Window = 20;

    /// <summary>How long a broker that refuses is left alone.</summary>
    private static readonly TimeSpan RefusalPause = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);

    /// <summary>How long the end waits for a disk that hangs.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private readonly MosquittoClient _client;
    private readonly Outbox _outbox;
    private readonly string _device;
    private readonly DeviceClock _clock;
    private readonly DeviceHealth? _health;
    private readonly ILogger _log;
    private readonly ConcurrentQueue<(int Id, bool IsTaken)> _answers = [];
    private readonly Dictionary<int, WaitingVerdict> _onTheWay = [];
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly Thread _thread;
    private volatile byte[]? _latest; // the newest verdict that was sent
    private volatile bool _isEnding;
    private bool _isLatestDue; // it is not published yet
    private long _pausedUntil; // ticks

    /// <param name="client">Stays the caller's.</param>
    /// <param name="outbox">Stays the caller's.</param>
    /// <param name="device">Name of the device in its topics.</param>
    /// <param name="clock">What time it is.</param>
    /// <param name="health">Where trouble is counted; null when nobody looks.</param>
    /// <param name="log">Where trouble is said.</param>
    public Courier(MosquittoClient client, Outbox outbox, string device, DeviceClock clock, DeviceHealth? health, ILogger<Courier> log)
    {
        _client = client;
        _outbox = outbox;
        _device = device;
        _clock = clock;
        _health = health;
        _log = log;
        client.Acknowledged += id => Answer(id, isTaken: true);
        client.Refused += (id, _) => Answer(id, isTaken: false);
        _thread = new Thread(Run) { Name = "courier", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Told, on the courier's thread, which verdicts the broker has. Those of before this run have no id.</summary>
    public Action<IReadOnlyList<WaitingVerdict>>? Delivered { get; set; }

    /// <summary>Any thread: there is something to send, or somebody to send it to.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Any thread: the broker may have lost what it kept.</summary>
    public void SendLatestAgain()
    {
        if (_latest is { } latest) PublishLatest(latest);
    }

    /// <summary>Sends no more. Answers that come until <see cref="Dispose"/> still count.</summary>
    public void Stop()
    {
        _isEnding = true;
        _wake.Set();
        _thread.Join(EndPatience);
    }

    public void Dispose()
    {
        if (!_thread.IsAlive) TakeAnswers();
        _wake.Dispose();
    }

    private void Run()
    {
        while (!_isEnding)
        {
            _wake.WaitOne(Turn);
#pragma warning disable CA1031 // Whatever goes wrong with one turn, the next one tries again: nothing else brings verdicts to the broker.
            try
            {
                TakeAnswers();
                _outbox.Tend(_clock.Now);
                Send();
            }
            catch (Exception e)
            {
                LogTurnFailed(e);
                Pause();
            }
#pragma warning restore CA1031
        }
    }

    private void TakeAnswers()
    {
        List<WaitingVerdict>? taken = null;
        while (_answers.TryDequeue(out var answer))
        {
            if (!_onTheWay.Remove(answer.Id, out var verdict)) continue; // of another message than a verdict
            if (answer.IsTaken)
            {
                // Step 2: The broker has it.
                (taken ??= []).Add(verdict);
                continue;
            }

            // Step 3: The broker does not want it.
            _outbox.PutBack(verdict);
            Pause();
        }

        if (taken is null) return;
        _client.Prove();
        _outbox.Remove(taken);
        Delivered?.Invoke(taken);
    }

    private void Send()
    {
        // Step 1: The oldest first.
        if (!_client.IsConnected || Environment.TickCount64 < _pausedUntil) return;
        while (_onTheWay.Count < Window)
        {
            if (_outbox.TakeNext(out var json) is not { } verdict)
            {
                // Of many that waited the newest alone is "latest".
                if (_isLatestDue) PublishLatest(_latest!);
                _isLatestDue = false;
                return;
            }

            if (!TrySend(verdict, json)) return;
            _latest = json;
            _isLatestDue = true;
        }
    }

    private bool TrySend(WaitingVerdict verdict, byte[] json)
    {
        try
        {
            var id = _client.Publish(Topics.Verdict(_device), json, qos: 1, retain: false);
            if (id == 0) _outbox.PutBack(verdict);
            else _onTheWay[id] = verdict;
            return id != 0;
        }
        catch (MosquittoException e)
        {
            // Larger than the broker takes: it would never arrive, and nothing behind it would.
            LogUnsendable(json.Length, e);
            _health?.Count("verdictsUnsendable");
            _outbox.Remove([verdict]);
            return true;
        }
    }

    private void PublishLatest(byte[] json) => _client.Publish(Topics.LatestVerdict(_device), json, qos: 1, retain: true);

    private void Pause() => _pausedUntil = Environment.TickCount64 + (long)RefusalPause.TotalMilliseconds;

    private void Answer(int id, bool isTaken)
    {
        _answers.Enqueue((id, isTaken));
        _wake.Set();
    }

    [LoggerMessage(3105, LogLevel.Error, "Verdicts cannot be sent; it is tried again")]
    private partial void LogTurnFailed(Exception cause);

    [LoggerMessage(3106, LogLevel.Error, "A verdict of {Bytes} bytes cannot be sent, and is lost")]
    private partial void LogUnsendable(int bytes, Exception cause);
}
