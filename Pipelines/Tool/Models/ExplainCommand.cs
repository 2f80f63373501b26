using System.CommandLine;

namespace Tool;

internal static class ExplainCommand
{
    private const string Description = """
        Describes a model: input, output, work per row, version, provenance, and the parts of its values. With --memory it shows the cost
        of running it: for each layer the output shape, multiply-adds per row, and bytes of values, gradient, tape and optimizer, and the
        totals of training and inference.

        Examples:
          streamlearn explain out/model.safetensors
          streamlearn explain --memory vgg5 --batch 32 --optimizer adam --mask head-only
          streamlearn explain --memory mlp:784-300-10 --batch 8 --json

        Exit codes: 0 done; 1 the model cannot be read; 2 bad command line.
        """;

    private static readonly string[] Optimizers = ["none", "sgd", "momentum", "adam"];

    internal static Command Create(TextWriter output, TextWriter error)
    {
        Argument<string?> model = new("model") { Description = $"The model: {ModelSource.Help}.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> memory = new("--memory")
        {
            Description = $"The model to plan memory for: {ModelSource.Help}.",
            HelpName = "model",
        };
        var (batch, optimizer, mask) = (Batch(), OptimizerName(), Mask());
        var json = Choices.Json();
        model.Check(ModelSource.Mismatch);
        memory.Check(ModelSource.Mismatch);
        var command = new Command("explain", Description) { model, memory, batch, optimizer, mask, json };
        command.Validators.Add(result =>
        {
            if (result.GetResult(model) is { Tokens.Count: > 0 } == result.GetResult(memory) is not null)
            {
                result.AddError("explain: expected either a model or --memory with one");
            }

            foreach (var option in (Option[])[batch, optimizer, mask])
            {
                if (result.GetResult(memory) is null && result.Has(option))
                {
                    result.AddError($"{option.Name}: expected --memory with it");
                }
            }
        });
        command.SetAction(result =>
        {
            var name = result.GetValue(memory);
            if (ModelSource.Load(name ?? result.GetRequiredValue(model)!, error) is not { } loaded) { return ExitCode.Refused; }
            if (Hardware.Warning is { } warning) { error.WriteLine($"streamlearn: {warning}"); }
            if (name is null)
            {
                output.WriteLine(result.GetValue(json) ? ModelJson.Of(loaded) : ModelText.Of(loaded));
                return ExitCode.Done;
            }

            var chosen = MaskNames.Find(result.GetRequiredValue(mask))!;
            if (MismatchOf(chosen, loaded.Model) is { } problem)
            {
                error.WriteLine($"streamlearn: --mask: {problem}");
                return ExitCode.BadCommandLine;
            }

            var plan = PlanOf(loaded.Model, chosen, result.GetValue(batch), OptimizerOf(result.GetRequiredValue(optimizer)));
            output.WriteLine(result.GetValue(json) ? MemoryJson.Of(plan) : plan.ToString());
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<int> Batch()
    {
        Option<int> batch = new("--batch")
        {
            Description = "Rows of a training batch, 1 to 65536. Default 1.",
            DefaultValueFactory = _ => 1,
        };
        batch.Check(static text => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var rows)
            && rows is < 1 or > 65536 ? $"expected 1 to 65536 rows, got {rows}" : null);
        return batch;
    }

    private static Option<string> OptimizerName()
    {
        Option<string> optimizer = new("--optimizer")
        {
            Description = $"The optimizer: {string.Join(", ", Optimizers)}. Default sgd.",
            DefaultValueFactory = _ => "sgd",
        };
        optimizer.AcceptOnlyFromAmong(Optimizers);
        return optimizer;
    }

    private static Option<string> Mask()
    {
        Option<string> mask = new("--mask")
        {
            Description = $"The trained parts: {MaskNames.Help}. Default all.",
            DefaultValueFactory = _ => "all",
        };
        mask.Check(static text => MaskNames.Find(text) is null ? $"expected {MaskNames.Help}, got '{text}'" : null);
        return mask;
    }

    /// <summary>Returns why a mask does not fit; null if it fits the model.</summary>
    private static string? MismatchOf(TrainableMask mask, IModel model) => model switch
    {
        Network network when mask.Below > network.Layers.Length =>
            $"expected at most {network.Layers.Length} layers to freeze, got {mask.Below}",
        Network => null,
        _ => mask == TrainableMask.All ? null : $"expected all for a model without layers, {model}",
    };

    private static MemoryPlan PlanOf(IModel model, TrainableMask mask, int rows, Optimizer? optimizer) =>
        (model is Network network ? network.Masked(mask) : model).Memory(rows, optimizer)
            ?? throw new ArgumentException($"expected a model with a file format, got {model}", nameof(model));

    private static Optimizer? OptimizerOf(string name) => name switch
    {
        "sgd" => new Sgd(0.01f, Momentum: 0),
        "momentum" => new Sgd(0.01f),
        "adam" => new Adam(0.001f),
        _ => null,
    };
}
