using System.CommandLine;

namespace Tool;

internal static class ProfileCommand
{
    private const string Description = """
        Measures what the layers of a model take on this machine when it learns: seconds of a row forward and backward on one thread,
        multiply-adds, the bytes of a row after the layer, the memory of a batch, and the share of the time. Rounds of 3 and 10 passes go
        on until they no longer get faster, some seconds; other work on the machine is in the figures.
        Joules are measured where the processor counts them (RAPL) and the counter may be read, or by a power meter's file (--power), and
        modelled by --watts otherwise. What is measured is the draw of the whole machine.
        --out writes a file of the profile, for planners in code: LayerProfile.Load reads it.

        Examples:
          streamlearn profile vgg5
          streamlearn profile mlp:561-64-6 --rows 8 --watts 3.8
          streamlearn profile pump.safetensors --out pump-pi3.json
          streamlearn profile activity.onnx --json | jq '.layers[] | [.name, .seconds]'

        Exit codes: 0 done; 1 the model cannot be read or has no layers, the power file is refused, or --out cannot be written; 2 bad
        command line; 130 interrupted.
        """;

    internal static Command Create(TextWriter output, TextWriter error)
    {
        var model = ModelSource.Argument("The model");
        var rows = Numbers.Of("--rows", "n", "Rows of a batch.", 1, 65536, 32);
        var watts = Numbers.Optional("--watts", "Power of a busy core in watts, 0 to 10000, to model energy.", 0.0, 10_000.0);
        Option<string?> power = new("--power")
        {
            Description = "A power meter's file with a line for each reading: seconds since 1970, a comma, and watts.",
            HelpName = "file",
        };
        Option<string?> file = new("--out") { Description = "Write the profile to a file.", HelpName = "file" };
        var json = Choices.Json();
        var command = new Command("profile", Description) { model, rows, watts, power, file, json };
        command.SetAction((result, stop) => Task.Run(() => Reporting.RunAsync(
            () => Task.FromResult(Run(
                result.GetRequiredValue(model), result.GetValue(rows), new(result.GetValue(watts), result.GetValue(power)),
                result.GetValue(file), result.GetValue(json), output, error, stop)),
            error), CancellationToken.None));       // the signal handlers are installed
        return command;
    }

    private static int Run(string name, int rows, ProfileEnergy energy, string? file, bool isJson, TextWriter output, TextWriter error,
        CancellationToken stop)
    {
        if (ModelSource.Load(name, error) is not { } loaded) { return ExitCode.Refused; }
        if (loaded.Model is not ISplitModel model)
        {
            error.WriteLine($"streamlearn: {name}: expected a network, whose layers can be measured, got {loaded.Model.Structure}"
                + (loaded.Model is Int8Network ? "; streamlearn compress measures int8 models" : ""));
            return ExitCode.Refused;
        }

        if (Hardware.Warning is { } warning) { error.WriteLine($"streamlearn: {warning}"); }
        if (file is not null && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file))))
        {
            throw new DirectoryNotFoundException($"--out: expected a file in an existing folder, got '{file}'");
        }

        try
        {
            var (profile, reading) = ProfileRounds.Run(model, rows, energy, TimeProvider.System, error, stop);
            if (file is not null) { File.WriteAllBytes(file, profile.Save()); }
            output.WriteLine(isJson ? ProfileText.Json(profile, reading) : ProfileText.Of(profile, reading));
            return ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("streamlearn: interrupted; nothing was written");
            return ExitCode.Interrupted;
        }
    }
}
