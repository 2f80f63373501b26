using System.Globalization;

namespace StreamLearn.Simulation;

internal static class DeviceReference
{
    internal static bool Means(string reference, string name, int index) =>
        string.Equals(reference, name, StringComparison.Ordinal) || string.Equals(reference, Of(index), StringComparison.Ordinal);

    internal static string Of(int index) => string.Create(CultureInfo.InvariantCulture, $"#{index}");
}
