using System.Globalization;
using System.Text.RegularExpressions;
using HeartSound.Edge.Capture;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Who has a sound card open to capture from, as the kernel says; PortAudio does not even list a card that somebody else has.</summary>
/// <param name="Card">Which card.</param>
/// <param name="Pid">The process, or its thread, that opened it.</param>
/// <param name="IsService">Whether it is a heartsound that listens.</param>
internal sealed partial record CardHolder(SoundCard Card, int Pid, bool IsService)
{
    /// <summary>All cards that are held.</summary>
    public static IReadOnlyList<CardHolder> All(DoctorCase facts) => [.. new SoundCards(facts.Root).Read().Select(card => Of(facts, card)).OfType<CardHolder>()];

    /// <summary>Null when nobody holds it.</summary>
    public static CardHolder? Of(DoctorCase facts, SoundCard card)
    {
        var folder = Path.Combine(facts.Root, FormattableString.Invariant($"proc/asound/card{card.Number}"));
        if (!Directory.Exists(folder)) return null;
        foreach (var sub in Directory.EnumerateDirectories(folder, "pcm*c").SelectMany(pcm => Directory.EnumerateDirectories(pcm, "sub*")))
        {
            if (Owner().Match(facts.Text(Path.GetRelativePath(facts.Root, Path.Combine(sub, "status"))) ?? "") is not { Success: true } owner) continue;
            var pid = int.Parse(owner.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            return new CardHolder(card, pid, facts.Service.Pid == pid || ServiceUnit.IsListening(pid));
        }

        return null;
    }

    [GeneratedRegex(@"^owner_pid\s*:\s*(\d+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Owner();
}
