using System.Reflection;

namespace StreamLearn.Fleets;

/// <summary>What a program says of itself.</summary>
public static class ProgramText
{
    /// <summary>Its name and version.</summary>
    public static string Version { get; } = VersionOf(Assembly.GetEntryAssembly());

    private static string VersionOf(Assembly? program) =>
        $"{program?.GetName().Name ?? "streamlearn"} {program?.GetName().Version?.ToString(3) ?? "0.0.0"}";
}
