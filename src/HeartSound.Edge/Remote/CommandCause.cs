namespace HeartSound.Edge.Remote;

/// <summary>Why a command was not obeyed. Part of the contract on the wire: names are only ever added.</summary>
public enum CommandCause
{
    /// <summary>There is no such command.</summary>
    Unknown,

    /// <summary>It is too long, no JSON object, or says something that the command does not know.</summary>
    Malformed,

    /// <summary>The broker kept it: it is about a moment that has passed.</summary>
    Retained,

    /// <summary>More commands than the device takes.</summary>
    TooMany,

    /// <summary>It cannot be done as the device is now.</summary>
    NotNow,
}

/// <summary>How it went with a command. Part of the contract on the wire: names are only ever added.</summary>
public enum CommandResult
{
    Obeyed,
    Refused,
}
