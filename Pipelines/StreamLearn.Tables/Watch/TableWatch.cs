namespace StreamLearn.Tables;

/// <summary>What a watch found in rows of files.</summary>
/// <param name="Alerts">The episodes of unusual rows, device after device, in order.</param>
/// <param name="Rows">Scored rows.</param>
/// <param name="Notes">Notes on the rows and the result, one per line.</param>
public sealed record TableWatch(ImmutableArray<TableAlert> Alerts, long Rows, ImmutableArray<string> Notes);

/// <summary>An episode: unusual rows close to each other.</summary>
/// <param name="Device">The device; null: all rows are of one.</param>
/// <param name="Since">The time of the first alert; null: the table has no times.</param>
/// <param name="Until">The time of the last alert; null: the table has no times.</param>
/// <param name="Row">The row number of the first alert, from 1; null if the table has times.</param>
/// <param name="Rows">Rows with an alert.</param>
/// <param name="Score">The highest score, in the unit of the rule.</param>
/// <param name="Channel">The most unusual column; null if unknown.</param>
public sealed record TableAlert(
    string? Device, DateTimeOffset? Since, DateTimeOffset? Until, long? Row, long Rows, double Score, string? Channel);
