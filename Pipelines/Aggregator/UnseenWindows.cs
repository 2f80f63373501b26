using StreamLearn.Learning;
using StreamLearn.Operators;
using StreamLearn.Samples;

namespace Aggregator;

/// <summary>Windows of held-out people, for evaluating versions.</summary>
internal static class UnseenWindows
{
    private const long MaxBytes = 1L << 30;

    internal static async Task<RecordedRows> ReadAsync(DirectoryInfo folder)
    {
        var recordings = HarRecordings.Open(folder.FullName);
        RowCollector windows = new(HarNetwork.Samples, maxBytes: MaxBytes);
        foreach (var person in recordings.People.Intersect(HarRecordings.TestPeople))
        {
            await Pipeline.Define("judge", p => p
                .FromHar(recordings, person, new() { SpeedUp = double.PositiveInfinity })
                .DropNonFinite()
                .Window(HarNetwork.Samples, HarNetwork.Samples / 2, new() { Segment = "recording" })
                .ForEach("collect", window => windows.Add(window))).RunAsync().ConfigureAwait(false);
        }

        var rows = windows.ToRows();
        return rows.Count > 0
            ? rows
            : throw new HarFormatException(
                $"{folder}: no recordings of a test person; expected one of {string.Join(", ", HarRecordings.TestPeople)}");
    }
}
