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

    internal static void Fit(string recordings, string file, TextWriter output)
    {
        var fit = Table.Fit(recordings, new() { Label = "state" }, new() { Model = ModelKind.Linear, Bound = 0.9 });
        output.WriteLine($"{fit.Kind}, unseen: {fit.Accuracy:P0} of {fit.JudgedWindows} windows");
        foreach (var device in fit.Devices) { output.WriteLine($"{device.Name} {device.Correct} of {device.Windows}"); }

        fit.Model.Save(file);
    }

    internal static void Watch(string normal, string recordings, TextWriter output)
    {
        var watch = Table.Watch(recordings, options: new() { Usual = normal });
        foreach (var alert in watch.Alerts) { output.WriteLine($"{alert.Since:HH:mm:ss} {alert.Channel} {alert.Score:0.0}"); }
    }
}
