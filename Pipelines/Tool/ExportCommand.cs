using System.CommandLine;
using StreamLearn.Models;
using StreamLearn.Onnx;

namespace Tool;

/// <summary><c>export</c>: a model as a file for other runtimes.</summary>
internal static class ExportCommand
{
    private const string Description = """
        Writes a network as an ONNX file, which other runtimes answer with: input [rows, ...], any number of rows, to output [rows, classes]
        or [rows, 1]. The scale of the columns is part of it; windows, features and random kernels are not: rows are what the network takes,
        so whoever runs the file cuts windows and computes features before. The names of classes and columns, the rate and the length of a
        window stand in the file's metadata, as far as the model file knows them.

        Examples:
          streamlearn export out/model.safetensors --onnx model.onnx
          streamlearn export out/model.safetensors --onnx model.onnx --all-exits
          streamlearn export vgg5 --onnx vgg5.onnx

        Exit codes: 0 done; 1 the model cannot be read, or has what ONNX has no form for; 2 bad command line; 73 the file cannot be written.
        """;

    internal static Command Create(TextWriter output, TextWriter error)
    {
        Argument<string> model = new("model") { Description = $"What is to be written: {ModelSource.Help}." };
        Option<string> onnx = new("--onnx")
        {
            Description = "The file to write; one that is there is replaced.",
            HelpName = "file",
            Required = true,
        };
        Option<bool> exits = new("--all-exits") { Description = "Write the answers of the earlier exits too: exit0, exit1, …" };
        model.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && ModelSource.Misfit(token.Value) is { } problem) { result.AddError($"model: {problem}"); }
        });
        var command = new Command("export", Description) { model, onnx, exits };
        command.SetAction(result =>
        {
            var (name, path) = (result.GetRequiredValue(model), result.GetRequiredValue(onnx));
            if (ModelSource.Load(name, error) is not { } loaded) { return ExitCode.Refused; }
            if (loaded.Model is not Network network)
            {
                error.WriteLine($"streamlearn: {name}: expected a network, got {loaded.Model.Structure}");
                return ExitCode.Refused;
            }

            try
            {
                OnnxFile.Save(path, network, loaded.Weights, loaded.Card, new() { AllExits = result.GetValue(exits) });
            }
            catch (Exception problem) when (problem is NotSupportedException or ArgumentException)
            {
                error.WriteLine($"streamlearn: {name}: {problem.Message}");
                return ExitCode.Refused;
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                error.WriteLine($"streamlearn: {path}: {problem.Message}");
                return ExitCode.CannotWrite;
            }

            output.WriteLine($"{path}: {new FileInfo(path).Length} bytes, input {network.Plan.Input}, {network.Plan.Outputs} outputs");
            return ExitCode.Done;
        });
        return command;
    }
}
