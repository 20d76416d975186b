using System.CommandLine;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Recordings;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Commands;

/// <summary>The options that several verbs share, and how they are read.</summary>
internal static class CommandLine
{
    public static Option<string?> Model() => new("--model")
    {
        Description = $"Model: one that 'model list' shows, a folder with {ModelBundle.ModelFile}, or an .onnx file. Else HEARTSOUND_MODEL, else models/{ModelBundle.DefaultModel} beside the program or above it.",
        HelpName = "NAME|DIR|FILE",
    };

    public static Option<OnnxProvider[]> Providers() => new("--provider")
    {
        Description = "ONNX Runtime provider to try, several in order: cpu, cuda, tensorrt. What really ran is in every verdict.",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [OnnxProvider.Cpu],
    };

    public static Option<Channel> ChannelChoice() => new("--channel")
    {
        Description = "Channel of a recording that has several: left, right, mix (the mean), or a number from 1.",
        HelpName = "NAME",
        DefaultValueFactory = _ => Channel.Mix,
        CustomParser = result =>
        {
            if (Channel.TryParse(result.Tokens[0].Value, out var channel)) return channel;
            result.AddError($"'{result.Tokens[0].Value}' is no channel: use left, right, mix, or a number from 1.");
            return Channel.Mix;
        },
    };

    public static Option<int> Jobs() => new("--jobs", "-j")
    {
        Description = "Recordings that are worked on at the same time.",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, out var jobs) && jobs is >= 1 and <= 256) return jobs;
            result.AddError($"--jobs is '{result.Tokens[0].Value}', must be 1 to 256.");
            return 1;
        },
    };

    /// <summary>One path or more. What begins with a dash and is no file is a mistyped option, which would else be a recording that is missing.</summary>
    public static Argument<string[]> Paths(string description)
    {
        var paths = new Argument<string[]>("PATH") { Description = description, Arity = ArgumentArity.OneOrMore };
        paths.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => t.Value is ['-', _, ..] && !Path.Exists(t.Value))) result.AddError($"There is no option '{token.Value}'.");
        });
        return paths;
    }
}
