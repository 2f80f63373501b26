namespace StreamLearn.Tables;

/// <summary>The answer to a window of rows, or to a row.</summary>
/// <param name="Device">The device; null if the table names none.</param>
/// <param name="Time">The time of the window's last row; null: the table has none.</param>
/// <param name="Class">The class; null if the model answers a value.</param>
/// <param name="Confidence">The probability of the class, 0 to 1; 0 if the model answers a value.</param>
/// <param name="Value">The value, in the unit of the target; null if the model answers a class.</param>
public sealed record TableAnswer(string? Device, DateTimeOffset? Time, string? Class, double Confidence, double? Value);
