using System.CommandLine;
using StreamLearn.Formats;
using StreamLearn.Learning;
using StreamLearn.Programs;
using StreamLearn.Samples;
using StreamLearn.Tables;

namespace Tool;

internal static class CompressCommand
{
    private const string Description = """
        Compresses a model in several ways, and says which form to take: the smallest within the interval of float32. A table has file size,
        accuracy with its 95 % confidence interval (for values the mean error), multiply-adds, time per row on this machine, and the
        size of an update with each code. --out receives a page with charts, compress.html, and with --save the compressed models.

        With a model saved by streamlearn fit: --csv has sensor rows, which are cut and prepared as in training. Scores are measured on
        the devices that the model never saw, which its card tells; with one device on the last fifth of each class. With another model:
        --csv has rows in the model's input format, and one in four is scored; others may be used for training. Without a model: a small
        network is trained on generated people and scored on others.

        Examples:
          streamlearn compress
          streamlearn compress out/model.safetensors --csv rows.csv
          streamlearn compress out/model.safetensors --csv 'data/*.csv' --device person --unseen 'p07,p09'
          streamlearn compress pump.safetensors --csv rows.csv --label state --save --out small
          streamlearn compress --json | jq '.forms[] | [.name, .bytes, .accuracy]'

        Exit codes: 0 done; 1 the model is refused; 2 bad command line; 65 the rows are refused; 73 cannot write; 130 interrupted.
        """;

    internal static Command Create(TextWriter output, TextWriter error)
    {
        Argument<string?> model = new("model") { Description = $"The model: {ModelSource.Help}.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> csv = new("--csv") { Description = "Rows with classes or values.", HelpName = "file" };
        Option<string?> label = new("--label")
        {
            Description = "The column with the class or value. Default: label; for sensor rows the detected column, or the model's "
                + "target.",
            HelpName = "column",
        };
        Option<string?> device = new("--device")
        {
            Description = "The column, or the part of the file names, that names the device of sensor rows, file or none. Default: the "
                + "model's, or detected.",
            HelpName = "column",
        };
        Option<string?> unseen = new("--unseen")
        {
            Description = "The devices to score: 'p07,p09'. Default: those that the model never saw.",
            HelpName = "devices",
        };
        Option<string> folder = new("--out")
        {
            Description = "The folder for the page. Default out.",
            HelpName = "folder",
            DefaultValueFactory = static _ => "out",
        };
        folder.Check(Choices.NotEmpty);
        Option<bool> save = new("--save") { Description = "Also write the compressed models." };
        var json = Choices.Json();
        model.Check(ModelSource.Mismatch);
        csv.Check(static text => File.Exists(text) || FileSet.IsPattern(text) ? null : $"expected the path of a file, got '{text}'");
        var command = new Command("compress", Description) { model, csv, label, device, unseen, folder, save, json };
        command.Check(result => result.GetValue(model) is null == result.GetValue(csv) is null ? null
            : result.GetValue(csv) is null ? "compress: expected --csv FILE, rows to score the model on"
            : "compress: expected the model for the rows of --csv");
        command.Check(result => result.GetValue(csv) is not null ? null
            : result.GetValue(device) is not null ? "--device: expected --csv FILE, whose column it is"
            : result.GetValue(unseen) is not null ? "--unseen: expected --csv FILE, whose devices they are" : null);
        command.SetAction((result, stop) => Task.Run(
            () => Guarded(new(result.GetValue(model), result.GetValue(csv), result.GetValue(label), result.GetValue(device),
                result.GetValue(unseen), result.GetRequiredValue(folder), result.GetValue(save), result.GetValue(json)),
                output, error, stop),
            CancellationToken.None));       // the signal handlers are installed
        return command;
    }

    private static int Guarded(Asked asked, TextWriter output, TextWriter error, CancellationToken stop)
    {
        var isNew = !Directory.Exists(asked.Folder);
        try
        {
            return Run(asked, output, error, stop);
        }
        catch (OperationCanceledException)
        {
            if (isNew) { Directory.Delete(asked.Folder); }
            error.WriteLine("streamlearn: interrupted; nothing was written");
            return ExitCode.Interrupted;
        }
        catch (ProgramException problem)
        {
            error.WriteLine($"streamlearn: {problem.Message}");
            return problem.ExitCode;
        }
        catch (RowsException problem)
        {
            error.WriteLine($"streamlearn: {asked.Csv}: {problem.Message}");
            return ExitCode.DataRefused;
        }
        catch (Exception problem) when (!StandardOutput.IsClosed(problem)
            && problem is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"streamlearn: {asked.Folder}: {problem.Message}");
            return ExitCode.CannotWrite;
        }
    }

    private static int Run(Asked asked, TextWriter output, TextWriter error, CancellationToken stop)
    {
        Directory.CreateDirectory(asked.Folder);        // reports an error before the work starts
        CompressRows rows;
        LoadedModel? model;
        if (asked.Model is null)
        {
            rows = CompressRows.Generated();
            model = Learned(rows.Known, error, stop);
        }
        else
        {
            model = ModelSource.Load(asked.Model, error);
            if (model is null) { return ExitCode.Refused; }
            rows = Preparation.Of(model.Card) is { } preparation ? OfSensors(asked, model, preparation)
                : asked is { Device: null, Unseen: null } ? CompressRows.Of(asked.Csv!, model, asked.Label ?? "label")
                : throw new ProgramException($"{(asked.Device is null ? "--unseen" : "--device")}: leave it out; the model is not of "
                    + "streamlearn fit, and its rows have no devices", ExitCode.BadCommandLine);
        }

        List<(string Name, byte[] File)> forms = [("float32", ModelFile.Save(model.Model, model.Weights, model.Card))];
        List<CompressResult> results = [CompressResult.Of("float32", model, forms[0].File, rows.Unseen, TimeProvider.System, stop)];
        List<LoadedModel?> made = [model];
        var known = rows.Known.Targets.IsEmpty ? new Sample(rows.Known.Features.Span, rows.Known.Labels.Span)
            : new Sample(rows.Known.Features.Span, rows.Known.Count) with { Targets = rows.Known.Targets.Span };
        foreach (var variant in CompressVariants.All)
        {
            error.WriteLine($"streamlearn: {variant.Name}");
            stop.ThrowIfCancellationRequested();
            try
            {
                var small = variant.Make(model, known);
                forms.Add((variant.Name, CompressResult.SmallFile(small)));
                made.Add(small);
                results.Add(CompressResult.Of(variant.Name, small, forms[^1].File, rows.Unseen, TimeProvider.System, stop));
            }
            catch (Exception problem) when (problem is NotSupportedException or ArgumentException)
            {
                made.Add(null);
                results.Add(results[0] with { Name = variant.Name, Refused = problem.Message });
            }
        }

        for (var form = 0; form < made.Count; form++)
        {
            if (made[form] is { } small) { results[form] = results[form].Again(small, rows.Unseen, TimeProvider.System, stop); }
        }

        List<(string Name, long Bytes)> updates =
            [.. CompressVariants.Codes.Select(code => (code.Name, CompressResult.UpdateBytes(code.Code, model)))];
        var scale = CompressScale.Of(rows);
        if (asked.Saves) { Save(asked.Folder, forms); }
        SavedFile.Write(Path.Join(asked.Folder, "compress.html"),
            stream => stream.Write(Encoding.UTF8.GetBytes(CompressText.Html(results, updates, scale))));
        output.WriteLine(asked.IsJson ? CompressText.Json(results, updates, scale)
            : CompressText.Table(results, updates, scale));
        return ExitCode.Done;
    }

    /// <summary>Reports errors in terms of this command's options.</summary>
    private static CompressRows OfSensors(Asked asked, LoadedModel model, Preparation preparation)
    {
        try
        {
            return CompressRows.OfSensors(
                new() { Csv = asked.Csv, Label = asked.Label, Device = asked.Device }, model, preparation, asked.Unseen);
        }
        catch (ProgramException problem)
        {
            var text = problem.Message.Replace("--target: ", "--label: ", StringComparison.Ordinal);
            foreach (var advice in new[] { "; --label is for classes", $"; {FitNotes.Shorter}", $", {FitNotes.Shorter}" })
            {
                text = text.Replace(advice, "", StringComparison.Ordinal);
            }

            throw new ProgramException(text, problem.ExitCode);
        }
    }

    private static LoadedModel Learned(RecordedRows rows, TextWriter error, CancellationToken stop)
    {
        error.WriteLine($"streamlearn: training on {rows.Count} windows of generated motion data");
        var network = HarNetwork.Create(1);
        var fitted = network.Fit(rows, new() { Epochs = 6 }, null, stop);
        return new(network, fitted.Weights, ModelCard.Empty);
    }

    private static void Save(string folder, List<(string Name, byte[] File)> forms)
    {
        foreach (var (name, content) in forms)
        {
            var file = name.Replace(", ", "-", StringComparison.Ordinal).Replace(" %", "", StringComparison.Ordinal).Replace(' ', '-');
            SavedFile.Write(Path.Join(folder, $"{file}.safetensors"), stream => stream.Write(content));
        }
    }

    private sealed record Asked(
        string? Model, string? Csv, string? Label, string? Device, string? Unseen, string Folder, bool Saves, bool IsJson);
}
