using System.Text.Json;

namespace HeartSound.Edge.Settings;

/// <summary>A value as it stands in the file, before anything is known about what it should be.</summary>
/// <param name="Kind">What JSON calls it.</param>
/// <param name="Text">Of a text its characters, of a number its digits.</param>
/// <param name="Line">Where it begins, counted from 1.</param>
/// <param name="Members">Of an object, in order; a name may stand there twice.</param>
/// <param name="Items">Of an array.</param>
internal sealed record RawSetting(JsonTokenType Kind, string Text, int Line, IReadOnlyList<(string Name, int Line, RawSetting Value)> Members, IReadOnlyList<RawSetting> Items)
{
    /// <summary>The value as a person wrote it; of objects and arrays only that they are such.</summary>
    public string Shown => Kind switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => $"[{string.Join(", ", Items.Select(i => i.Shown))}]",
        JsonTokenType.String => JsonSerializer.Serialize(Text, EdgeJson.Compact),
        _ => Text,
    };

    /// <summary>Reads a JSON document; comments and trailing commas are fine.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static RawSetting Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        reader.Read();
        var value = Read(ref reader, utf8);
        reader.Read(); // throws when something follows
        return value;
    }

    private static RawSetting Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        var kind = reader.TokenType;
        var line = LineOf(reader, utf8);
        var members = new List<(string, int, RawSetting)>();
        var items = new List<RawSetting>();
        var text = kind switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.StartObject or JsonTokenType.StartArray => "",
            _ => System.Text.Encoding.UTF8.GetString(reader.ValueSpan),
        };
        if (kind == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var (name, at) = (reader.GetString()!, LineOf(reader, utf8));
                reader.Read();
                members.Add((name, at, Read(ref reader, utf8)));
            }
        }
        else if (kind == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) items.Add(Read(ref reader, utf8));
        }

        return new RawSetting(kind, text, line, members, items);
    }

    private static int LineOf(in Utf8JsonReader reader, ReadOnlySpan<byte> utf8) => utf8[..(int)reader.TokenStartIndex].Count((byte)'\n') + 1;
}
