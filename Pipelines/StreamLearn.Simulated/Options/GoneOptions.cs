namespace StreamLearn.Simulated;

/// <summary>Options that <c>fit</c> had in earlier versions, with their replacements.</summary>
internal static class GoneOptions
{
    private const string Programs = "streamlearn-sensor and streamlearn-aggregator";

    internal static readonly (string Option, string Instead)[] Table =
    [
        ("--host", $"leave it out; a fleet of fit is in virtual time, and one on real threads is {Programs}"),
        ("--link", $"leave it out; {Programs} meet at a server, link.url in their files"),
        ("--link-timeout", $"leave it out; {Programs} wait for their server"),
        ("--login", $"leave it out; {Programs} have link.login in their files"),
        ("--rows", "leave it out; rows stay inside their device, and source.topic of a sensor takes those of a server"),
        ("--record", "leave it out; record.folder in the file of a sensor records its run, and streamlearn replay repeats it"),
    ];

    internal static string? Refusal(IEnumerable<string> words) => words.Select(static w => w.Split('=')[0])
        .Select(static word => Table.FirstOrDefault(g => g.Option == word) is (not null and var option, var instead)
            ? $"{option}: {instead}" : null)
        .FirstOrDefault(static refusal => refusal is not null);
}
