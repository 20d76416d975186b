namespace HeartSound.Edge.Settings;

/// <summary>What somebody may have meant who wrote a word that does not exist.</summary>
internal static class NearestWord
{
    /// <summary>The word that is nearest, in any case of letters: at most a third of it changed, or one the beginning of the other. Null when none is near.</summary>
    public static string? To(string written, IEnumerable<string> words)
    {
        var near = words.Select(w => (Word: w, Distance: Distance(written.ToUpperInvariant(), w.ToUpperInvariant())))
            .Where(w => w.Distance <= Math.Max(1, w.Word.Length / 3) || Begins(written, w.Word) || Begins(w.Word, written))
            .OrderBy(w => w.Distance).ToList();
        return near.Count == 0 ? null : near[0].Word;
    }

    private static bool Begins(string whole, string part) => part.Length >= 3 && whole.StartsWith(part, StringComparison.OrdinalIgnoreCase);

    /// <summary>Letters to insert, leave out, replace, or swap with the next one (Damerau–Levenshtein, optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) table[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) table[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var best = Math.Min(Math.Min(table[i - 1, j], table[i, j - 1]) + 1, table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) best = Math.Min(best, table[i - 2, j - 2] + 1);
                table[i, j] = best;
            }
        }

        return table[a.Length, b.Length];
    }
}
