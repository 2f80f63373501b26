using System.CommandLine;
using System.Globalization;
using StreamLearn.Learning;

namespace Tool;

/// <summary><c>explain</c>: what a model costs before it runs.</summary>
internal static class ExplainCommand
{
    private const string Description = """
        Tells what a model costs before it runs: for each layer the shape behind it, multiply-adds of a row, and the bytes of values, gradient, tape and
        optimizer; in the end what training and inference take in all.
        """;

    private static readonly string[] Optimizers = ["none", "sgd", "momentum", "adam"];

    internal static Command Create(TextWriter output, TextWriter error)
    {
        Option<string> memory = new("--memory")
        {
            Description = $"The model: {ModelNames.Help}, or the path of a model file.",
            HelpName = "model",
            Required = true,
        };
        Option<int> batch = new("--batch") { Description = "Rows of a training batch, 1 to 65536. Default 1.", DefaultValueFactory = _ => 1 };
        Option<string> optimizer = new("--optimizer")
        {
            Description = $"What moves the values: {string.Join(", ", Optimizers)}. Default sgd.",
            DefaultValueFactory = _ => "sgd",
        };
        Option<string> mask = new("--mask")
        {
            Description = $"What learns: {MaskNames.Help}. Default all.",
            DefaultValueFactory = _ => "all",
        };
        Option<bool> json = new("--json") { Description = "Print JSON instead of a table." };
        optimizer.AcceptOnlyFromAmong(Optimizers);
        batch.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var rows)
                && rows is < 1 or > 65536)
            {
                result.AddError($"--batch: expected 1 to 65536 rows, got {rows}");
            }
        });
        memory.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && ModelNames.Find(token.Value) is null && !File.Exists(token.Value))
            {
                result.AddError($"--memory: expected {ModelNames.Help}, or the path of a model file, got '{token.Value}'");
            }
        });
        mask.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && MaskNames.Find(token.Value) is null)
            {
                result.AddError($"--mask: expected {MaskNames.Help}, got '{token.Value}'");
            }
        });
        var command = new Command("explain", Description) { memory, batch, optimizer, mask, json };
        command.SetAction(result =>
        {
            if (Load(result.GetRequiredValue(memory), error) is not { } network) { return ExitCode.Refused; }
            var chosen = MaskNames.Find(result.GetRequiredValue(mask))!;
            if (chosen.Below > network.Layers.Length)
            {
                error.WriteLine($"streamlearn: --mask: expected at most {network.Layers.Length} layers to freeze, got {chosen.Below}");
                return ExitCode.BadCommandLine;
            }

            var plan = network.Masked(chosen).Memory(result.GetValue(batch), OptimizerOf(result.GetRequiredValue(optimizer)));
            output.WriteLine(result.GetValue(json) ? MemoryJson.Of(plan) : plan.ToString());
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The model of a name or in a file; null if the file is refused, with a line that says why.</summary>
    private static Network? Load(string model, TextWriter error)
    {
        if (ModelNames.Find(model) is { } network) { return network; }
        try
        {
            using var stream = File.OpenRead(model);
            return ModelFile.Load(stream).Network;
        }
        catch (Exception problem) when (problem is ModelFormatException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"streamlearn: {model}: {problem.Message}");
            return null;
        }
    }

    private static Optimizer? OptimizerOf(string name) => name switch
    {
        "sgd" => new Sgd(0.01f, Momentum: 0),
        "momentum" => new Sgd(0.01f),
        "adam" => new Adam(0.001f),
        _ => null,
    };
}
