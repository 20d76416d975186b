namespace HeartSound.Native.Mosquitto;

/// <summary>
/// Counts the messages of QoS 1 and 2 that the broker has not acknowledged. Safe for use by several threads. The acknowledgement can
/// come before the publishing call has returned the message's id; such early ones are kept while a call is on its way.
/// No lock is held while libmosquitto is called, so the two cannot wait for each other.
/// </summary>
internal sealed class Unacknowledged(int capacity)
{
    private readonly Lock _gate = new();
    private readonly HashSet<int> _waiting = [];
    private readonly HashSet<int> _early = [];
    private int _publishing;

    public int Count
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Announces a publishing call; false when there is no room. Every success is followed by <see cref="End"/>.</summary>
    public bool TryBegin()
    {
        lock (_gate)
        {
            if (_waiting.Count + _publishing >= capacity)
                return false;
            _publishing++;
            return true;
        }
    }

    /// <summary>Ends a publishing call that gave the message <paramref name="messageId"/>, or null when it was not taken.</summary>
    public void End(int? messageId)
    {
        lock (_gate)
        {
            _publishing--;
            if (messageId is { } id && !_early.Remove(id))
                _waiting.Add(id);
            if (_publishing == 0)
                _early.Clear();
        }
    }

    public void Acknowledge(int messageId)
    {
        lock (_gate)
        {
            if (!_waiting.Remove(messageId) && _publishing > 0)
                _early.Add(messageId);
        }
    }
}
