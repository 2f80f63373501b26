using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace StreamLearn.Tables;

/// <summary>The devices that a model learned from, in its card: a hash of each name, as names may be of people.
/// <paramref name="Column"/>: what names a device.</summary>
internal sealed record LearnedDevices(string Column, int Count)
{
    /// <summary>The <see cref="Column"/> of files, each of which is a device, and of a single device, whose name says nothing.</summary>
    internal const string File = "file", None = "none";

    internal const int MaxListed = 10_000;

    private const string CountKey = "learned-devices", ColumnKey = "learned-device-column", HashesKey = "learned-device-hashes";
    private const int MaxCount = 1_000_000_000, HashBytes = 4;

    private readonly HashSet<uint> _hashes = [];

    /// <summary>False if names do not tell the devices apart, or there are too many to list.</summary>
    internal bool IsListed => _hashes.Count > 0;

    internal bool Has(string device) => _hashes.Contains(HashOf(device));

    internal static ModelCard On(ModelCard card, string column, IReadOnlyCollection<string> devices)
    {
        var said = card.Provenance
            .SetItem(ColumnKey, column)
            .SetItem(CountKey, devices.Count.ToString(CultureInfo.InvariantCulture));
        if (column == None || devices.Count > MaxListed) { return card with { Provenance = said }; }
        var bytes = new byte[HashBytes * devices.Count];
        foreach (var (i, hash) in devices.Select(HashOf).Order().Index())      // the order of the names says nothing
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(HashBytes * i), hash);
        }

        return card with { Provenance = said.SetItem(HashesKey, Convert.ToBase64String(bytes)) };
    }

    internal static LearnedDevices? Of(ModelCard card)
    {
        var said = card.Provenance;
        if (!int.TryParse(said.GetValueOrDefault(CountKey), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || count is < 1 or > MaxCount || said.GetValueOrDefault(ColumnKey) is not { Length: > 0 } column)
        {
            return null;
        }

        var learned = new LearnedDevices(column, count);
        if (!said.TryGetValue(HashesKey, out var text)) { return learned; }
        var bytes = new byte[HashBytes * MaxListed];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || length != (long)HashBytes * count) { return null; }
        for (var at = 0; at < length; at += HashBytes) { learned._hashes.Add(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at))); }
        return learned;
    }

    private static uint HashOf(string device) => BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(device)));
}
