using HeartSound.Edge.Outputs;

namespace HeartSound.Edge.Hosting;

/// <summary>What the device is doing: written by the pipeline's thread and by whoever asks for something, read by lights, broker and systemd. Thread-safe; allocates nothing.</summary>
public sealed class DeviceActivity(TimeProvider time)
{
    /// <summary>How long a device that is looked for says "it is me".</summary>
    public static readonly TimeSpan IdentifyDuration = TimeSpan.FromSeconds(10);

    /// <summary>How long a verdict that has just come must be seen: until then the device is not taken away from whoever looks at it.</summary>
    private static readonly TimeSpan VerdictSeen = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private LiveState _live = LiveState.Nothing;
    private bool _wasContactLost;
    private VerdictMessage? _verdict;
    private long _verdictAt;
    private readonly Spell _identify = new(time);
    private readonly Spell _mute = new(time);
    private bool _isReady;

    /// <summary>Called when something changed that a person should see at once; must be quick and may not throw.</summary>
    public event Action? Changed;

    /// <summary>What is heard. A verdict stands only as long as it may be the same heart: it is forgotten when contact comes back after it was lost.</summary>
    public LiveState Live
    {
        get
        {
            lock (_gate) return _live;
        }

        set
        {
            lock (_gate)
            {
                _live = value;
                if (!value.HasContact) _wasContactLost = true;
                else if (_wasContactLost) _verdict = null;
            }
        }
    }

    /// <summary>Whether the device has started: model warmed up, held against its goldens.</summary>
    public bool IsReady
    {
        get
        {
            lock (_gate) return _isReady;
        }
    }

    /// <summary>Whether somebody looks for this device.</summary>
    public bool IsIdentifying
    {
        get
        {
            lock (_gate) return _identify.Lasts;
        }
    }

    /// <summary>Until when somebody looks for this device, by the wall clock; null when nobody does.</summary>
    public DateTimeOffset? IdentifiesUntil
    {
        get
        {
            lock (_gate) return _identify.Until;
        }
    }

    /// <summary>Until when the lamps show nothing but faults, by the wall clock; null when they show everything.</summary>
    public DateTimeOffset? MutedUntil
    {
        get
        {
            lock (_gate) return _mute.Until;
        }
    }

    /// <summary>The last verdict, if it is not older than <paramref name="age"/>.</summary>
    public VerdictMessage? VerdictWithin(TimeSpan age)
    {
        lock (_gate) return _verdict is not null && time.GetElapsedTime(_verdictAt) < age ? _verdict : null;
    }

    /// <summary>Whether a verdict has just come, and somebody looks at its lamp.</summary>
    public bool HasFreshVerdict => VerdictWithin(VerdictSeen) is not null;

    public void Ready()
    {
        lock (_gate) _isReady = true;
        Changed?.Invoke();
    }

    public void Conclude(VerdictMessage verdict)
    {
        lock (_gate)
        {
            _verdict = verdict;
            _verdictAt = time.GetTimestamp();
            _wasContactLost = !_live.HasContact;
        }

        Changed?.Invoke();
    }

    /// <summary>Somebody began an examination: the verdict over the one before no longer stands.</summary>
    public void Forget()
    {
        lock (_gate) _verdict = null;
        Changed?.Invoke();
    }

    /// <summary>The lamps show nothing but faults for so long; anew from now if they do already. Zero ends it.</summary>
    public void Mute(TimeSpan duration)
    {
        lock (_gate) _mute.Begin(duration);
        Changed?.Invoke();
    }

    /// <summary>The lamps show everything again. Returns whether they did not.</summary>
    public bool Unmute()
    {
        bool wasMuted;
        lock (_gate)
        {
            wasMuted = _mute.Lasts;
            _mute.Begin(TimeSpan.Zero);
        }

        Changed?.Invoke();
        return wasMuted;
    }

    /// <summary>Says "it is me" for a while.</summary>
    public void Identify()
    {
        lock (_gate) _identify.Begin(IdentifyDuration);
        Changed?.Invoke();
    }
}
