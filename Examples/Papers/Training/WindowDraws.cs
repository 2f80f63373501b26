using StreamLearn;
using StreamLearn.Learning;

namespace Partition;

/// <summary>Draws windows of a person with equal chances for each activity that the person has: the same ones for the same seed and
/// name.</summary>
internal sealed class WindowDraws
{
    private readonly RecordedRows _rows;
    private readonly int[][] _places;       // of each activity that occurs
    private readonly RandomStream _random;

    internal WindowDraws(RecordedRows rows, long seed, string device)
    {
        _rows = rows;
        _random = new(seed, "fleet-windows", device);
        _places = [.. Enumerable.Range(0, rows.Count).GroupBy(r => rows.Labels.Span[r]).OrderBy(static g => g.Key)
            .Select(static g => g.ToArray())];
    }

    /// <summary>The next window: its values, channel after channel, and its activity.</summary>
    internal (ReadOnlyMemory<float> Values, int Label) Next()
    {
        var places = _places[_random.NextInt32(_places.Length)];
        var (at, size) = (places[_random.NextInt32(places.Length)], _rows.Features.Length / _rows.Count);
        return (_rows.Features.Slice(at * size, size), _rows.Labels.Span[at]);
    }
}
