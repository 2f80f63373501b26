using System.CommandLine;
using System.CommandLine.Parsing;
using StreamLearn.Onnx;
using StreamLearn.Tables;

namespace Tool;

internal sealed class ExportCommand
{
    private const int UsualLimitKib = 256;

    private const string Description = """
        Writes a network for other runtimes, including the preparation of windows: features, random kernels and scaling. Its input is raw
        rows, its output the answer.

        --onnx: a file for ONNX Runtime and others. The input of a model of streamlearn fit is [windows, rows, channels]; with
        --network-only, and for any other network, it is the network's input. Output is [windows, classes] or [windows, 1]. The file's
        metadata has the names of classes and columns, the rate and the window length. An int8 model keeps its 8-bit weights between
        QuantizeLinear and DequantizeLinear.

        --c: a header of C99 for a microcontroller, without heap and libraries. NAME.h has NAME_push, which adds a row and returns whether a
        window is full, and NAME_answer. The use of flash and RAM is printed; more flash than --limit-kib is refused.

        Examples:
          streamlearn export out/model.safetensors --onnx model.onnx
          streamlearn export out/model.safetensors --onnx model.onnx --network-only --all-exits
          streamlearn export out/model.safetensors --c pump.h
          streamlearn export out/model.safetensors --c pump.h --limit-kib 64
          streamlearn export vgg5 --onnx vgg5.onnx

        Exit codes: 0 done; 1 the model cannot be read, is too large, or has parts that the format does not support; 2 bad command
        line; 73 the file cannot be written.
        """;

    private readonly Argument<string> _model = ModelSource.Argument("The model to export");

    private readonly Option<string?> _onnx =
        new("--onnx") { Description = "The ONNX file to write; an existing one is replaced.", HelpName = "file" };

    private readonly Option<string?> _header =
        new("--c") { Description = "The C header to write; an existing one is replaced.", HelpName = "file" };

    private readonly Option<bool> _exits =
        new("--all-exits") { Description = "Also write the answers of the earlier exits: exit0, exit1, …; with --onnx." };

    private readonly Option<bool> _alone = new("--network-only")
    {
        Description = "Export only the network, without windows, features and random kernels; with --onnx.",
    };

    private readonly Option<int> _limit = new("--limit-kib")
    {
        Description = $"Maximum flash of the header, in KiB; with --c. Default {UsualLimitKib}.",
        HelpName = "n",
        DefaultValueFactory = static _ => UsualLimitKib,
    };

    internal static Command Create(TextWriter output, TextWriter error) => new ExportCommand().Of(output, error);

    private Command Of(TextWriter output, TextWriter error)
    {
        _header.Check(CHeader.Mismatch);
        var command = new Command("export", Description) { _model, _onnx, _header, _exits, _alone, _limit };
        command.Check(Broken);
        command.SetAction(result =>
        {
            var (name, path) = (result.GetRequiredValue(_model), result.GetValue(_onnx) ?? result.GetValue(_header)!);
            if (ModelSource.Load(name, error) is not { } loaded) { return ExitCode.Refused; }
            try
            {
                output.WriteLine(Write(path, loaded, result));
                return ExitCode.Done;
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
        });
        return command;
    }

    private string? Broken(CommandResult result)
    {
        if (result.Has(_onnx) == result.Has(_header)) { return "export: expected --onnx FILE or --c FILE"; }
        if (result.Has(_header) && Array.Find<Option>([_exits, _alone], result.Has) is { } other)
        {
            return $"{other.Name}: expected --onnx with it";
        }

        if (result.Has(_onnx) && result.Has(_limit)) { return $"{_limit.Name}: expected --c with it"; }
        return result.Has(_limit) && result.GetValue(_limit) is <= 0 and var kib ? $"{_limit.Name}: expected at least 1, got {kib}" : null;
    }

    /// <exception cref="NotSupportedException">It is no network, or one that the format does not support.</exception>
    private string Write(string path, LoadedModel loaded, ParseResult result)
    {
        var isHeader = result.GetValue(_onnx) is null;
        if (isHeader && loaded.Model is Int8Network)
        {
            throw new NotSupportedException(
                "C: expected a float32 model, got int8: export the float32 model that it was made from");
        }

        if ((loaded.Model as Int8Network)?.Rounded is not { } network && (network = loaded.Model as Network) is null)
        {
            throw new NotSupportedException($"expected a network, got {loaded.Model.Structure}");
        }

        return isHeader ? WriteHeader(path, network, loaded, result.GetValue(_limit))
            : WriteOnnx(path, network, loaded, result.GetValue(_exits), result.GetValue(_alone));
    }

    private static string WriteOnnx(string path, Network network, LoadedModel loaded, bool allExits, bool alone)
    {
        var window = alone ? null : WindowOf(loaded.Card);
        var card = loaded.Card with { Channels = window is null ? ModelText.Columns(loaded) : Preparation.Of(loaded.Card)!.Channels };
        if (card.Labels.IsEmpty && network.Plan is { Classes: 0, Outputs: 1 } && TargetCard.Of(card) is var (name, _, _))
        {
            card = card with { Labels = [name] };
        }

        using var file = new MemoryStream();
        OnnxFile.Save(file, network, loaded.Weights, card, allExits, window);
        SavedFile.Write(path, file.WriteTo);
        var input = window is null ? $"{network.Plan.Input}" : $"windows of {window.Rows} rows and {window.Channels} channels";
        return $"{path}: {file.Length} bytes, input {input}, {network.Plan.Outputs} outputs";
    }

    private static string WriteHeader(string path, Network network, LoadedModel loaded, int limitKib)
    {
        var header = CHeader.Of(network, loaded.Weights, loaded.Card, CHeader.Prefix(path));
        if (header.FlashBytes > limitKib * 1024L)
        {
            throw new NotSupportedException(string.Create(CultureInfo.InvariantCulture,
                $"C: expected at most {limitKib} KiB of flash (--limit-kib), got {header.FlashBytes / 1024.0:0.0} KiB"));
        }

        SavedFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(header.Text)));
        return string.Create(CultureInfo.InvariantCulture,
            $"{path}: at most {header.FlashBytes} bytes of flash ({header.ConstantBytes} of constants), {header.StateBytes} of RAM");
    }

    /// <summary>Returns the window in the file; null: none, or a window is a plain row.</summary>
    private static OnnxWindow? WindowOf(ModelCard card) => Preparation.Of(card)?.OnnxWindow;
}
