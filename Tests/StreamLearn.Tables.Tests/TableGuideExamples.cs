namespace StreamLearn.Tables.Tests;

/// <summary>The C# of docs/start/own-data.md.</summary>
internal static class TableGuideExamples
{
    internal static void Answer(string recordings, string file, TextWriter output)
    {
        var look = Table.Look(recordings);
        foreach (var reason in look.Reasons) { output.WriteLine(reason); }

        var model = Table.Load(file);
        foreach (var answer in model.Answer(recordings))
        {
            output.WriteLine($"{answer.Device} {answer.Time:HH:mm:ss} {answer.Class} {answer.Confidence:0.00}");
        }
    }
}
