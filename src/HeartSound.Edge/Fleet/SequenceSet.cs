namespace HeartSound.Edge.Fleet;

/// <summary>Which numbers of 1, 2, 3 … there were; small as long as they come about in order. Belongs to one thread at a time.</summary>
internal sealed class SequenceSet
{
    private readonly HashSet<long> _beyond = [];
    private long _upTo;

    public long Count => _upTo + _beyond.Count;

    /// <summary>False when it was there already.</summary>
    public bool Add(long number)
    {
        if (Contains(number)) return false;
        _beyond.Add(number);
        while (_beyond.Remove(_upTo + 1)) _upTo++;
        return true;
    }

    public bool Contains(long number) => number <= _upTo || _beyond.Contains(number);
}
