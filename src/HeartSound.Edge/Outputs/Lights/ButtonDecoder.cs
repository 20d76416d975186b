namespace HeartSound.Edge.Outputs.Lights;

/// <summary>
/// Makes presses out of the edges of a contact that bounces. A change counts once the contact has been still for the debounce time, and then as from its first edge; a touch
/// that is shorter is no press. Long comes while the button is still held, short when it is let go. Times are on one clock and do not go back. Not thread-safe.
/// </summary>
/// <param name="options">Debounce and what is long.</param>
/// <param name="isPressed">How the contact is at first; what is pressed already is no press, whoever lets it go.</param>
public sealed class ButtonDecoder(ButtonOptions options, bool isPressed)
{
    private readonly TimeSpan _debounce = TimeSpan.FromMilliseconds(options.DebounceMs);
    private readonly TimeSpan _long = TimeSpan.FromSeconds(options.LongPressSeconds);
    private bool _stable = isPressed;
    private bool _raw = isPressed;
    private bool _isDone = isPressed; // this press has had its event
    private TimeSpan _left;           // when the contact left its stable state
    private TimeSpan _still = -TimeSpan.FromSeconds(1); // since when it has not moved
    private TimeSpan _pressedAt;

    /// <summary>Whether the contact is closed, bounces left out.</summary>
    public bool IsPressed => _stable;

    /// <summary>How the contact was last seen, bounces and all.</summary>
    public bool IsClosed => _raw;

    /// <summary>When something may happen without an edge; null where nothing can.</summary>
    public TimeSpan? Due
    {
        get
        {
            if (_raw != _stable) return _still + _debounce;
            return _stable && !_isDone ? _pressedAt + _long : null;
        }
    }

    /// <summary>Takes an edge; gives the press that is complete with it, if one is.</summary>
    public ButtonPress? Edge(bool isClosed, TimeSpan at)
    {
        var press = Advance(at);
        if (isClosed == _raw)
        {
            _still = at; // the edge between was too fast to be seen: it still bounces
            return press;
        }

        if (_raw == _stable && at - _still >= _debounce) _left = at; // else it is still the bounce that began earlier
        _raw = isClosed;
        _still = at;
        return press;
    }

    /// <summary>Time passes; gives the press that is complete by it, if one is.</summary>
    public ButtonPress? Advance(TimeSpan now)
    {
        if (_raw != _stable && now - _still >= _debounce)
        {
            _stable = _raw;
            if (_stable)
            {
                _pressedAt = _left;
                _isDone = false;
            }
            else if (!_isDone)
            {
                _isDone = true;
                return _left - _pressedAt >= _long ? ButtonPress.Long : ButtonPress.Short;
            }
        }

        // While a release is on trial the press lasts no longer than up to it.
        if (!_stable || _isDone || (_raw == _stable ? now : _left) - _pressedAt < _long) return null;
        _isDone = true;
        return ButtonPress.Long;
    }
}
