using System.Collections.Immutable;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Whose rows a compressed model is scored on. <paramref name="AreUnseen"/>: true if the model never saw them; null: unknown.
/// </summary>
internal sealed record CompressJudges(string Text, bool? AreUnseen, ImmutableArray<string> Devices)
{
    private const int NamesShown = 6;

    internal static CompressJudges Generated { get; } = new("of generated people that the model never saw", true, []);

    internal static CompressJudges OneInFour { get; } = new("(one in four); whether the model learned from them is unknown", null, []);

    /// <summary>Returns the devices that the model never saw; empty: all or none of them, or unknown.</summary>
    internal static ImmutableArray<string> Of(ImmutableArray<string> devices, LearnedDevices? learned)
    {
        ImmutableArray<string> strangers = learned is { IsListed: true } ? devices.RemoveAll(learned.Has) : [];
        return strangers.Length < devices.Length ? strangers : [];
    }

    /// <summary>Describes the devices that judge, by what the card says of those that the model learned from.</summary>
    internal static CompressJudges Of(FitRows rows, LearnedDevices? learned)
    {
        var sources = rows.Own!.Devices.ToDictionary(static d => d.Name, static d => d.Source);
        var isPart = rows.Unseen.IsEmpty;       // of each class of all devices
        ImmutableArray<string> judges = [.. (isPart ? rows.Devices : rows.Unseen).Select(n => sources[n])];
        var who = (isPart ? "(the last part of each class) " : "") + "of " + (judges.Length == 1 ? "one device"
            : FormattableString.Invariant($"{judges.Length} devices")) + $", {Named(judges)}";
        var here = learned is null ? 0 : rows.Own.Devices.Count(d => learned.Has(d.Source));
        if (WhyUnknown(learned, rows.Own.Columns.DeviceOption, here) is { } why)
        {
            return new($"{who}; whether the model learned from them is unknown: {why}", null, judges);
        }

        var known = judges.RemoveAll(d => !learned!.Has(d));
        return known.IsEmpty
            ? new(FormattableString.Invariant($"{who}, from whom the model did not learn: of the {learned!.Count} that it learned from, ")
                + FormattableString.Invariant($"{here} are in these rows; forms that learn have the other {rows.Devices.Length}"),
                true, judges)
            : new(known.Length == judges.Length ? $"{who}: the model learned from {(known.Length == 1 ? "it" : "all of these")}, so the "
                + (isPart ? "figure says little about others" : "figure says nothing about others")
                : $"{who}: the model learned from {Named(known)}, so the figure is too good", false, judges);
    }

    /// <summary>Names of another column say nothing, unless some are known. <paramref name="here"/>: devices that the model learned
    /// from.</summary>
    private static string? WhyUnknown(LearnedDevices? learned, string column, int here) =>
        learned is null ? "its card does not say from whom it learned"
        : learned.Column == LearnedDevices.None ? "its rows named no devices"
        : !learned.IsListed ? FormattableString.Invariant($"its card does not list its {learned.Count} devices")
        : here > 0 || (column == learned.Column && column != LearnedDevices.File) ? null
        : column == learned.Column ? "its devices were files of other names"
        : column == LearnedDevices.None ? "these rows name no devices"
        : PrintableText.Of($"its devices were named by '{learned.Column}', these by '{column}'");

    private static string Named(ImmutableArray<string> devices) =>
        PrintableText.Of(string.Join(", ", devices.Take(NamesShown)) + (devices.Length > NamesShown ? ", …" : ""));
}
