namespace HeartSound.Native.OnnxRuntime;

/// <summary>Walks the fields of one protobuf message without copying. Source: the protocol buffers encoding specification.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> _message = message;

    /// <summary>The number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Its value, when it is a number; 0 otherwise.</summary>
    public long Number { get; private set; }

    /// <summary>Its bytes, when it has a length; empty otherwise.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>Where the next field begins, or, after a failure, where the field that failed begins.</summary>
    public int Position { get; private set; }

    /// <summary>Whether the bytes do not end with the end of a field, or are not fields.</summary>
    public bool Failed { get; private set; }

    /// <summary>Reads the next field; false at the end and at the first fault.</summary>
    public bool MoveNext()
    {
        if (Failed || Position == _message.Length)
            return false;
        var next = Position;
        Number = 0;
        Content = [];
        Failed = !TryReadField(ref next);
        if (Failed)
            return false;
        Position = next;
        return true;
    }

    private bool TryReadField(ref int next)
    {
        if (!TryReadNumber(ref next, out var key) || key >> 3 is 0 or > int.MaxValue)
            return false;
        Field = (int)(key >> 3);
        switch (key & 7)
        {
            case 0:
                var read = TryReadNumber(ref next, out var number);
                Number = (long)number;
                return read;
            case 1:
                next += 8;
                break;
            case 2:
                if (!TryReadNumber(ref next, out var length) || length > (ulong)(_message.Length - next))
                    return false;
                Content = _message.Slice(next, (int)length);
                next += (int)length;
                break;
            case 5:
                next += 4;
                break;
            default:
                return false;
        }

        return next <= _message.Length;
    }

    private readonly bool TryReadNumber(ref int next, out ulong number)
    {
        number = 0;
        for (var shift = 0; shift < 64 && next < _message.Length; shift += 7)
        {
            var piece = _message[next++];
            number |= (ulong)(piece & 0x7f) << shift;
            if (piece < 0x80)
                return true;
        }

        return false;
    }
}
