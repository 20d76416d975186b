using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace HeartSound.Edge.Tests.Contract;

/// <summary>
/// Version 1 of the contract is frozen: what <c>contract-v1.json</c> promises stays true. Additions pass, and are promised from when they stand in it:
/// <c>HEARTSOUND_ADD_TO_CONTRACT=1 dotnet test --filter ContractV1Tests</c> adds what is new and changes nothing that is there.
/// </summary>
public sealed class ContractV1Tests(ITestOutputHelper output)
{
    private static readonly string File = ContractFiles.InRepository("tests/HeartSound.Edge.Tests/Contract/contract-v1.json");

    public static TheoryData<string> Names => [.. ContractFiles.Messages.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Version1_OfEachMessage_KeepsItsPromises(string name)
    {
        var promised = Promised(name);
        var now = ContractPath.Of(ContractFiles.Schema(name));
        var broken = Broken(promised, now, ContractFiles.IsCommand(name));
        Assert.True(broken.Count == 0, $"docs/mqtt/{name}.schema.json breaks version 1 of the contract, on which others have built:\n{string.Join('\n', broken)}\n"
            + "Undo that, or begin a version 2 beside it. Do not change contract-v1.json.");
        var added = now.Keys.Except(promised.Keys).ToList();
        if (added.Count > 0) output.WriteLine($"New in {name}, and not promised yet: {string.Join(", ", added)}. To promise it: HEARTSOUND_ADD_TO_CONTRACT=1 dotnet test --filter ContractV1Tests");
    }

    [Fact]
    public void Version1_WhatIsNew_IsAddedWhenSomebodyAsks()
    {
        if (Environment.GetEnvironmentVariable("HEARTSOUND_ADD_TO_CONTRACT") != "1") return;
        var messages = ContractFiles.Messages.Keys.Select(name =>
        {
            var paths = ContractPath.Of(ContractFiles.Schema(name));
            foreach (var (path, promise) in Promised(name))
            {
                var words = promise.Words.Union(paths.TryGetValue(path, out var now) ? now.Words : []).Order(StringComparer.Ordinal);
                paths[path] = promise with { Words = promise.Words.Count > 0 ? [.. words] : [] };
            }

            return $"  \"{name}\": {{\n{string.Join(",\n", paths.Select(p => $"    \"{p.Key}\": {p.Value.ToJson()}"))}\n  }}";
        });
        System.IO.File.WriteAllText(File, $"{{\n{string.Join(",\n", messages)}\n}}\n");
    }

    /// <summary>Else the tests above would pass for anything.</summary>
    [Theory]
    [InlineData("verdict", "properties/advice", null, "vanished")]
    [InlineData("verdict", "properties/quality/properties/gaps", null, "vanished")]
    [InlineData("verdict", "properties/sequence/type", "\"string\"", "type")]
    [InlineData("verdict", "properties/latencyMs/type", """["number","null"]""", "type")]
    [InlineData("verdict", "required", """["schema"]""", "always there")]
    [InlineData("verdict", "properties/examination/properties/site/enum", """["AV","PV","TV",null]""", "word 'MV'")]
    [InlineData("status", "properties/status/enum", """["online","offline"]""", "word 'stopped'")]
    [InlineData("health", "properties/parts/propertyNames/enum", """["capture"]""", "word 'model'")]
    [InlineData("health", "$defs/level/enum", """["ok","failed"]""", "word 'degraded'")]
    public void Version1_ThatIsBrokenInOnePlace_IsNoticed(string name, string place, string? value, string words)
    {
        var schema = ContractFiles.Schema(name);
        Change(schema, place, value);
        Assert.Contains(Broken(Promised(name), ContractPath.Of(schema), isCommand: false), fault => fault.Contains(words, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("properties/somethingNew", """{"type":"string"}""")]
    [InlineData("properties/reason/enum/-", "\"somethingNew\"")]
    [InlineData("properties/confidence/type", "\"number\"")]
    public void Version1_WhereSomethingIsAdded_IsKept(string place, string value)
    {
        var schema = ContractFiles.Schema("verdict");
        Change(schema, place, value);
        Assert.Empty(Broken(Promised("verdict"), ContractPath.Of(schema), isCommand: false));
    }

    /// <summary>What a device reads, it must go on reading: there more may be allowed, and nothing more asked for.</summary>
    [Fact]
    public void Command_ThatAsksForMore_IsNoticed()
    {
        var promised = new SortedDictionary<string, ContractPath> { ["minutes"] = new(["null", "number"], false, []) };
        Assert.NotEmpty(Broken(promised, new() { ["minutes"] = new(["null", "number"], true, []) }, isCommand: true));
        Assert.NotEmpty(Broken(promised, new() { ["minutes"] = new(["number"], false, []) }, isCommand: true));
        Assert.NotEmpty(Broken(promised, new(promised) { ["reason"] = new(["string"], true, []) }, isCommand: true));
        Assert.Empty(Broken(promised, new() { ["minutes"] = new(["null", "number", "string"], false, []), ["reason"] = new(["string"], false, []) }, isCommand: true));
    }

    private static SortedDictionary<string, ContractPath> Promised(string name)
    {
        var promised = System.IO.File.Exists(File) ? JsonNode.Parse(System.IO.File.ReadAllText(File))![name]?.AsObject() ?? [] : [];
        return new(promised.ToDictionary(p => p.Key, p => ContractPath.Read(p.Value!)), StringComparer.Ordinal);
    }

    private static List<string> Broken(SortedDictionary<string, ContractPath> promised, SortedDictionary<string, ContractPath> now, bool isCommand)
    {
        var broken = new List<string>();
        foreach (var (path, promise) in promised)
        {
            if (!now.TryGetValue(path, out var found))
            {
                broken.Add($"{path}: has vanished");
                continue;
            }

            var (narrow, wide) = isCommand ? (promise.Types, found.Types) : (found.Types, promise.Types);
            if (narrow.Except(wide).Any()) broken.Add($"{path}: its type was '{string.Join(' ', promise.Types)}' and is '{string.Join(' ', found.Types)}'");
            if (!isCommand && promise.IsRequired && !found.IsRequired) broken.Add($"{path}: was always there, and now need not be");
            if (isCommand && !promise.IsRequired && found.IsRequired) broken.Add($"{path}: could be left out, and now must be there");
            foreach (var word in promise.Words.Except(found.Words)) broken.Add($"{path}: has lost the word '{word}'");
        }

        if (isCommand) broken.AddRange(now.Where(n => n.Value.IsRequired && !promised.ContainsKey(n.Key)).Select(n => $"{n.Key}: is new, and must be there"));
        return broken;
    }

    private static void Change(JsonObject schema, string place, string? value)
    {
        var path = place.Split('/');
        var parent = path[..^1].Aggregate((JsonNode)schema, (node, part) => node[part]!);
        if (parent is JsonArray list) list.Add(JsonNode.Parse(value!));
        else if (value is null) parent.AsObject().Remove(path[^1]);
        else parent[path[^1]] = JsonNode.Parse(value);
    }
}
