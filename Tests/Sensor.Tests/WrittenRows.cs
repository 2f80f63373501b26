namespace Sensor.Tests;

internal static class WrittenRows
{
    private static readonly string[] States = ["off", "idle", "on"];

    /// <summary>Commas, a time in milliseconds, units in the head, a label of two texts.</summary>
    internal static void Plain(string path, int rows, int seed = 1) => File.WriteAllLines(path,
    [
        "t_ms,vib x [m/s^2],vib y,condition",
        .. Swings(rows, seed, classes: 2).Select(static r => string.Create(CultureInfo.InvariantCulture,
            $"{r.Row * 20},{r.X:0.0000},{r.Y:0.0000},{(r.Class == 0 ? "good" : "worn")}")),
    ]);

    /// <summary>Semicolons, decimal commas, times of ISO 8601, two machines whose rows alternate.</summary>
    internal static void Commas(string path, int rows) => File.WriteAllLines(path,
    [
        "machine;time;temp;p;state",
        .. Swings(rows, 1, classes: 3).Zip(Swings(rows, 2, classes: 3))
            .SelectMany(static r => new[] { Line("m 1", r.First), Line("m 2", r.Second) }),
    ]);

    private static string Line(string machine, Swing row)
    {
        var time = DateTime.UnixEpoch.AddMilliseconds(row.Row * 100L);
        var numbers = string.Create(CultureInfo.InvariantCulture, $"{row.X:0.000};{row.Y:0.000}").Replace('.', ',');
        return string.Create(CultureInfo.InvariantCulture, $"{machine};{time:yyyy-MM-ddTHH:mm:ss.fffZ};{numbers};{States[row.Class]}");
    }

    private static IEnumerable<Swing> Swings(int rows, int seed, int classes)
    {
        var noise = new RandomStream(seed, "swings");
        for (var row = 0; row < rows; row++)
        {
            var c = (row / 300) % classes;
            var x = ((c + 1) * Math.Sin(row * (0.3 + (0.5 * c)))) + (0.1 * noise.NextGaussian());
            yield return new(row, x, (0.2 + c) * noise.NextGaussian(), c);
        }
    }

    private sealed record Swing(int Row, double X, double Y, int Class);
}
