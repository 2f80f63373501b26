using StreamLearn.Simulated;
using System.CommandLine;
using System.Globalization;
using StreamLearn.Samples;

namespace TauDemo;

/// <summary>What 21 devices of people come to with the bytes that they send: a table, and a page with the curves.</summary>
internal static class BytesCommand
{
    /// <summary>What the program ends with if the recordings cannot be read, or the page not be written.</summary>
    internal const int Unusable = ExampleRun.Unusable;

    internal static Command Create()
    {
        var data = new Argument<DirectoryInfo?>("data")
        {
            Description = "Folder of activity recordings; none: people are generated.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var seed = Numbers.Whole("--seed", null, "Seed of the model and of the rows that steps draw.", 0, int.MaxValue, 0);
        var points = Numbers.Whole("--points", null, "Models of each fleet that are judged for its curve.", 1, 1000, 24);
        var choose = new Option<bool>("--choose")
        {
            Description = "Six of those who learn judge instead, and the test people are left alone: to choose settings by.",
        };
        var page = new Option<FileInfo>("--out")
        {
            Description = "The page that is written.",
            DefaultValueFactory = static _ => new("bytes.html"),
        };
        var command = new Command("bytes", "Compare the accuracy of people's devices over the bytes that they send: FedBuff, significant "
            + "changes, adaptive tau, both, and fixed tau.")
        {
            data, seed, points, choose, page,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            () => parsed.GetValue(data) is { } folder
                ? MotionPeople.Recorded(folder.FullName, parsed.GetValue(choose))
                : MotionPeople.Generated(parsed.GetValue(seed), parsed.GetValue(choose)),
            parsed.GetValue(seed), parsed.GetValue(points), parsed.GetValue(page)!, parsed.InvocationConfiguration.Output, cancellation)));
        return command;
    }

    private static int Run(
        Func<MotionPeople> open, long seed, int points, FileInfo page, TextWriter output, CancellationToken cancellation)
    {
        try
        {
            var people = open();
            output.WriteLine($"{people.Learners.Length} devices, {people.Text}, judged by {people.Judges.Length} unseen people");
            var results = MotionComparison.Run(people, seed, points, Show, cancellation).All;
            foreach (var line in MotionPage.Lines(results)) { output.WriteLine(line); }
            File.WriteAllText(page.FullName, MotionPage.Of(people, results));
            output.WriteLine($"curves: {page.FullName}");
            return 0;
        }
        catch (OperationCanceledException)
        {
            return CommandLine.Interrupted;
        }
        catch (Exception e) when (e is HarFormatException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"TauDemo: {e.Message}");
            return Unusable;
        }
    }

    /// <summary>Says how far it is: a fleet takes some seconds.</summary>
    private static void Show(MotionResult result) => Console.Error.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{result.Name}: accuracy {result.Accuracy:F4} with {result.BytesUp / 1e6:F1} MB up"));
}
