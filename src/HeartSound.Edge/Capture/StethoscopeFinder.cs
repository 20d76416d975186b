namespace HeartSound.Edge.Capture;

/// <summary>
/// Chooses the stethoscope by what it is: each rule that is set is asked in the order USB path, USB id, ALSA card, name. The first that is true of exactly one
/// device wins; one that is true of none is passed over (plugged in elsewhere, it is still the same device); one that is true of several leaves the choice
/// among those to the rules behind it. With no rule set it is the only microphone on USB, and never one
/// of the board: a device that listens to its own room where the stethoscope should be is broken and does not know it.
/// </summary>
public static class StethoscopeFinder
{
    /// <param name="options">The rules.</param>
    /// <param name="devices">What can be listened to.</param>
    public static CaptureChoice Choose(CaptureOptions options, IReadOnlyList<CaptureDevice> devices)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(devices);
        var rules = Rules(options);
        return rules.Count > 0 ? ByRules(rules, devices) : OnUsb(devices);
    }

    private static CaptureChoice ByRules(List<Rule> rules, IReadOnlyList<CaptureDevice> devices)
    {
        var left = devices;
        var matching = new List<string>();
        foreach (var rule in rules)
        {
            var matched = left.Where(rule.Matches).ToList();
            if (matched.Count == 0) continue;
            matching.Add(rule.Name);
            if (matched.Count == 1) return Found(matched[0], string.Join(" and ", matching));
            left = matched;
        }

        var tried = string.Join(", ", rules.Select(r => r.Name));
        return matching.Count > 0
            ? Several($"{string.Join(" and ", matching)} is true of", tried, left)
            : new CaptureChoice(null, tried, CaptureState.NotFound, $"No microphone matches {tried}. {Listed(devices)} Plug it in, or correct 'capture' in the settings.");
    }

    private static CaptureChoice OnUsb(IReadOnlyList<CaptureDevice> devices)
    {
        const string Rule = "the only microphone on USB";
        var matched = devices.Where(d => d.Card is { IsUsb: true }).ToList();
        return matched.Count switch
        {
            1 => Found(matched[0], Rule),
            0 => new CaptureChoice(null, Rule, CaptureState.NotFound, $"There is no microphone on USB. {Listed(devices)} Plug the stethoscope in, or name another microphone in 'capture'."),
            _ => Several("No rule is set in 'capture', and there are", Rule, matched),
        };
    }

    private static CaptureChoice Found(CaptureDevice device, string rule)
    {
        if (device.CanBeOpened) return new CaptureChoice(device, rule, null, $"{device.Identity}, chosen by {rule}");
        var why = device.Card?.User is { } user ? $"in use by {user}: end that program." : "closed to this user: is it in the group audio (id shows it)?";
        return new CaptureChoice(null, rule, CaptureState.CannotOpen, $"{device.Identity}, chosen by {rule}, is {why}");
    }

    private static CaptureChoice Several(string what, string rule, IReadOnlyList<CaptureDevice> devices) =>
        new(null, rule, CaptureState.SeveralMatch, $"{what} {devices.Count} microphones: {List(devices)}. Say in 'capture' which one, by usbPath, usbId, alsaCard or name.");

    private static string Listed(IReadOnlyList<CaptureDevice> devices) => devices.Count == 0 ? "There is no microphone at all." : $"There {(devices.Count == 1 ? "is" : "are")}: {List(devices)}.";

    private static string List(IReadOnlyList<CaptureDevice> devices) => string.Join("; ", devices.Select(d => d.Identity));

    private static List<Rule> Rules(CaptureOptions options)
    {
        var rules = new List<Rule>();
        if (options.UsbPath is { Length: > 0 } path) rules.Add(new Rule($"usbPath {path}", d => d.Card?.UsbPath == path));
        if (options.UsbId is { Length: > 0 } id) rules.Add(new Rule($"usbId {id}", d => IsUsbId(d, id)));
        if (options.AlsaCard is { Length: > 0 } card) rules.Add(new Rule($"alsaCard {card}", d => d.Card?.Id == card));
        if (options.Name is { Length: > 0 } name) rules.Add(new Rule($"name '{name}'", d => d.Audio.Name.Contains(name, StringComparison.OrdinalIgnoreCase)));
        return rules;
    }

    // vendor:product in any case, and the serial number, which may itself hold a colon, as it is.
    private static bool IsUsbId(CaptureDevice device, string wanted)
    {
        if (device.Card?.UsbId is not { } id || !wanted.StartsWith(id, StringComparison.OrdinalIgnoreCase)) return false;
        return wanted.Length == id.Length || (wanted[id.Length] == ':' && wanted[(id.Length + 1)..] == device.Card.Serial);
    }

    private sealed record Rule(string Name, Func<CaptureDevice, bool> Matches);
}
