using System.Globalization;
using StreamLearn.Models;

namespace StreamLearn.Programs;

/// <summary>What a fleet learns; all its programs say the same.</summary>
/// <param name="Channels">Channels of a window.</param>
/// <param name="Samples">Samples of a window.</param>
/// <param name="Classes">Classes.</param>
/// <param name="Seed">Seed of the initial values.</param>
public sealed record ModelConfig(int Channels, int Samples, int Classes, long Seed)
{
    /// <summary>The model of the raw recordings of the UCI HAR data set.</summary>
    public static ModelConfig Default { get; } = new(Channels: 6, Samples: 128, Classes: 6, Seed: 42);

    /// <summary>Reads the section <c>model</c>, which may be absent.</summary>
    /// <param name="map">The top of the file.</param>
    /// <param name="needed">What the rest of the file needs; what the section says must be the same. Null: nothing is known of it.</param>
    public static ModelConfig Read(ConfigMap map, ModelConfig? needed = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        var usual = needed ?? Default;
        return map.Section("model", m => new ModelConfig(
            Number(m["channels"], 1, 1024, usual.Channels, needed?.Channels, "columns without a time, a label or a device"),
            Number(m["samples"], 8, 65_536, usual.Samples, needed?.Samples, "the samples of a window"),
            Number(m["classes"], 2, 1024, usual.Classes, needed?.Classes, "the texts of the label"),
            m["seed"].Whole().Or(usual.Seed)));
    }

    /// <summary>Makes the model.</summary>
    public Network Create() => WindowNetwork.Create(Channels, Samples, Classes, Seed);

    /// <summary>The section, as it stands in a file.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"model: {{ channels: {Channels}, samples: {Samples}, classes: {Classes}, seed: {Seed} }}");

    private static int Number(ConfigEntry entry, int least, int most, int usual, int? needed, string why)
    {
        var number = (int)entry.Whole(least, most).Or(usual);
        if (needed is { } other && number != other && !entry.IsAbsent)
        {
            entry.Refuse(string.Create(CultureInfo.InvariantCulture, $"expected {other}, {why}, got {number}"));
        }

        return number;
    }
}
