using System.Globalization;
using System.Text;
using System.Xml;

namespace HeartSound.Edge.Report;

/// <summary>
/// Writes HTML that is well-formed XML too. All text goes through an XML writer, so nothing that a file's name holds can become
/// markup. The caller disposes it, which does not close the text writer.
/// </summary>
internal sealed class Markup : IDisposable
{
    private readonly XmlWriter _xml;

    public Markup(TextWriter writer)
    {
        writer.Write("<!DOCTYPE html>");
        _xml = XmlWriter.Create(writer, new XmlWriterSettings { OmitXmlDeclaration = true, CloseOutput = false });
    }

    public void Open(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        _xml.WriteStartElement(name);
        foreach (var (attribute, value) in attributes) _xml.WriteAttributeString(attribute, Printable(value));
    }

    /// <summary>With an end tag of its own: an HTML parser takes <c>&lt;div /&gt;</c> for an open tag.</summary>
    public void Close() => _xml.WriteFullEndElement();

    public void Text(string text) => _xml.WriteString(Printable(text));

    /// <summary>An element with nothing but text in it.</summary>
    public void Element(string name, string text, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Open(name, attributes);
        if (text.Length > 0) Text(text);
        Close();
    }

    /// <summary>An element that never has content: <c>meta</c>, and the shapes of SVG.</summary>
    public void Void(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Open(name, attributes);
        _xml.WriteEndElement();
    }

    public void Dispose() => _xml.Dispose();

    /// <summary>A number for a coordinate: two decimals are a fraction of a pixel.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    public static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>XML has no way to hold most control characters and broken surrogate pairs, and a file's name may have both.</summary>
    private static string Printable(string text)
    {
        var clean = true;
        foreach (var c in text) clean &= c is '\t' or '\n' || (XmlConvert.IsXmlChar(c) && !char.IsControl(c));
        if (clean) return text;

        var builder = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            builder.Append((Rune.IsControl(rune) && rune.Value is not ('\t' or '\n')) || rune.Value is 0xFFFE or 0xFFFF ? Rune.ReplacementChar : rune);
        return builder.ToString();
    }
}
