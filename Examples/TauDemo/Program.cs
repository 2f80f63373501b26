using System.Globalization;
using TauDemo;

var begun = TimeProvider.System.GetTimestamp();
foreach (var dataCase in Enum.GetValues<DataCase>().Skip(2))
{
    foreach (var steps in new int?[] { null, 1, 5, 30, 100 })
    {
        using var fleet = new TauFleet(new() { Case = dataCase, Settings = new() { FixedSteps = steps } });
        var r = fleet.Run();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{dataCase} {steps} {r.Loss:F4} {r.Accuracy:F4} {r.Steps:F1} {r.UsedSeconds:F2} {r.Rounds} {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:F1}"));
    }
}
