using HeartSound.Edge.Health;
using HeartSound.Native.PortAudio;
using HeartSound.Signal;

namespace HeartSound.Edge.Capture;

/// <summary>
/// Samples from the stethoscope, whatever happens to it: it polls, watches how the stream is, hands good samples on, and opens the stethoscope again when it is
/// lost. What is missing in between becomes a gap as long as the time that it took, so that sample position keeps to time. In trouble nothing is handed on:
/// a fault is never a verdict. Allocates nothing while all is well.
/// </summary>
internal sealed class StethoscopeSource : ISampleSource
{
    /// <summary>Between two looks for new samples.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    /// <summary>How long an overrun is shown after it.</summary>
    private static readonly TimeSpan OverrunShown = TimeSpan.FromSeconds(2);

    /// <summary>How long it must be well to be looked for at once when it is lost again: a loose plug must not make a storm.</summary>
    private static readonly TimeSpan WellAgain = TimeSpan.FromSeconds(2);

    /// <summary>How long after an error the card may take to vanish from the kernel's list.</summary>
    private static readonly TimeSpan Vanishing = TimeSpan.FromSeconds(0.3);

    private readonly StethoscopeLink _link;
    private readonly CaptureReport _report;
    private readonly DeviceProgress _progress;
    private readonly CallWatch _watch;
    private readonly TimeProvider _time;
    private readonly StreamWatch _stream;
    private readonly Backoff _cure = new(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(60));
    private readonly int _channel;
    private readonly int _leastFrames;
    private readonly float[] _mono;
    private readonly long _started;
    private float[] _block = [];
    private CaptureState _state = CaptureState.Starting;
    private TimeSpan _cureAt;
    private TimeSpan _handedOnAt = TimeSpan.MinValue;
    private TimeSpan _overrunUntil;
    private TimeSpan _wellSince;
    private bool _gap;

    public StethoscopeSource(StethoscopeLink link, CaptureOptions options, CaptureReport report, DeviceProgress progress, CallWatch watch, TimeProvider time)
    {
        _link = link;
        _report = report;
        _progress = progress;
        _watch = watch;
        _time = time;
        _channel = options.Channel - 1;
        Name = link.Device!.Audio.Name;
        SampleRateHz = link.SampleRateHz;
        _stream = new StreamWatch(SampleRateHz);

        // 10 ms: after an unplug PortAudio may say for ever that some samples are there (16 or 32 were seen), and reading them would never return.
        _leastFrames = Math.Max(1, SampleRateHz / 100);
        _mono = new float[SampleRateHz / 2];
        _started = time.GetTimestamp();
    }

    public string Name { get; }

    public int SampleRateHz { get; }

    private TimeSpan Now => _time.GetElapsedTime(_started);

    public void Capture(SampleRing ring, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(ring);
        while (true)
        {
            // Step 1: Listen until it is lost, or is to be opened again to cure it.
            var lost = true;
            try
            {
                lost = !Listen(ring, stop);
            }
            catch (PortAudioException e)
            {
                TellLoss(e.Message);
            }

            if (stop.IsCancellationRequested) return;

            // Step 2: Let go of it, look for it, open it. What it takes becomes a gap.
            _gap = true;
            if (lost) _state = CaptureState.Starting;
            _link.Close();
            if (!_link.Connect(SampleRateHz, stop)) return;
            _report.Reconnected();
            if (_report.State != _state) _state = CaptureState.Starting; // something else was in the way meanwhile
        }
    }

    public void Dispose() => _link.Close();

    /// <summary>Polls until stopped or frozen (false), or until it is to be opened again: a trouble has lasted long enough, or somebody asked for it (true).</summary>
    /// <exception cref="PortAudioException">The stream has ended.</exception>
    private bool Listen(SampleRing ring, CancellationToken stop)
    {
        var input = _link.Input!;
        if (_block.Length < _mono.Length * input.Channels) _block = new float[_mono.Length * input.Channels];
        using (_watch.Enter("Pa_StartStream", CallWatch.OpenLimit)) input.Start();
        _stream.Restart(Now, sameTrouble: _state == CaptureState.RateMismatch, _link.IsCard);
        for (var before = 0; !stop.IsCancellationRequested; Thread.Sleep(Poll))
        {
            if (_link.TakeRestart()) return true;
            int available;
            using (_watch.Enter("Pa_GetStreamReadAvailable", CallWatch.CallLimit)) available = input.Available();
            var now = Now;

            // Only what has just grown, and only from a card that is there: any other read might never return.
            if (available < _leastFrames || available <= before || !_link.IsThere)
            {
                before = available;
                if (!_stream.IsFrozen(now)) continue;
                TellFrozen();
                return false;
            }

            before = 0;
            for (var left = available; left > 0;)
            {
                var frames = Math.Min(left, _mono.Length);
                bool overrun;
                using (_watch.Enter("Pa_ReadStream", CallWatch.CallLimit)) overrun = input.Read(_block, frames);
                left -= frames;
                HandOn(ring, Pick(input.Channels, frames), overrun, now);
            }

            if (_state is CaptureState.Silent or CaptureState.Stuck or CaptureState.RateMismatch && now >= _cureAt)
            {
                _cureAt = now + _cure.Next();
                return true;
            }
        }

        return false;
    }

    /// <summary>Judges samples and gives them to the pipeline if they are good.</summary>
    private void HandOn(SampleRing ring, ReadOnlySpan<float> samples, bool overrun, TimeSpan now)
    {
        if (overrun) _stream.Lost();
        var state = _stream.Hear(samples, now) ?? _state;
        if (state != _state) Change(state, now);
        if (state != CaptureState.Listening)
        {
            // The thread is alive and the samples are worth nothing.
            _gap = true;
            _progress.AddSearch();
            return;
        }

        // What lies between the last good samples and these was lost, and takes its place in the stream.
        long lost = 0;
        if ((_gap || overrun) && _handedOnAt != TimeSpan.MinValue)
        {
            lost = Math.Max(1, (long)Math.Round((now - _handedOnAt).TotalSeconds * SampleRateHz) - samples.Length);
            ring.MarkGap(lost);
        }

        var dropped = samples.Length - ring.Write(samples);
        var slow = dropped > 0 || (overrun && !_gap); // what was lost while it was in trouble has been told
        _gap = false;
        _handedOnAt = now;
        _progress.AddCaptured(samples.Length);
        if (now - _wellSince >= WellAgain)
        {
            _link.Healthy();
            _cure.Reset();
        }

        if (lost + dropped > 0) _report.Lost(lost + dropped);
        TellOverrun(slow, lost + dropped, now);
    }

    private ReadOnlySpan<float> Pick(int channels, int frames)
    {
        if (channels == 1) return _block.AsSpan(0, frames);
        for (int i = 0, from = _channel; i < frames; i++, from += channels) _mono[i] = _block[from];
        return _mono.AsSpan(0, frames);
    }

    private void Change(CaptureState state, TimeSpan now)
    {
        var fresh = _state is not (CaptureState.Silent or CaptureState.Stuck or CaptureState.RateMismatch);
        _state = state;
        if (state == CaptureState.Listening)
        {
            _wellSince = now;
            return;
        }

        if (fresh) _cureAt = now + _cure.Next();
        _report.Trouble(state, state switch
        {
            CaptureState.Silent => $"'{Name}' delivers nothing but zeros. Is it switched on, and not muted (alsamixer shows it)?",
            CaptureState.Stuck => $"'{Name}' delivers the same value all the time. Pull it and plug it in again; if that does not help, it is broken.",
            _ => FormattableString.Invariant($"'{Name}' delivers {_stream.MeasuredHz:0} samples a second and says {SampleRateHz}. If it is always so many, set 'capture.sampleRateHz'; if not, this machine or its USB is too busy: plug it into another port."),
        });
    }

    private void TellOverrun(bool slow, long lost, TimeSpan now)
    {
        if (slow)
        {
            _report.CountOverrun();
            _report.Overrun($"{lost} samples from '{Name}' were lost: this machine was too busy to take them. It goes on.");
            _overrunUntil = now + OverrunShown;
        }
        else if (now >= _overrunUntil || _report.State != CaptureState.Overrun)
        {
            _report.Listening();
        }
    }

    private void TellFrozen()
    {
        if (_link.IsThere) _report.Trouble(CaptureState.Frozen, $"'{Name}' is there and no samples come. It is opened again and again; if that does not help, pull it and plug it in again.");
        else TellUnplugged();
    }

    /// <summary>The stream broke: because the card went, which the kernel may tell a little later than PortAudio does.</summary>
    private void TellLoss(string reason)
    {
        for (var since = Now; _link.IsCard && _link.IsThere && Now - since < Vanishing;) Thread.Sleep(Poll);
        if (_link.IsCard && _link.IsThere) _report.Trouble(CaptureState.Frozen, $"'{Name}' is there and its stream broke: {reason} It is opened again.");
        else TellUnplugged();
    }

    private void TellUnplugged() => _report.Trouble(CaptureState.Unplugged, $"'{Name}' has been pulled out. Plug it in again.");
}
