namespace StreamLearn.Models;

/// <summary>Named values for the padding of convolutions and pools.</summary>
public static class Padding
{
    /// <summary>No padding: windows lie within the input.</summary>
    public const int Valid = 0;

    /// <summary>Padding for ⌈input / stride⌉ outputs; an odd one is added at the end. Source: Abadi et al. (2016), the convention of
    /// TensorFlow.</summary>
    public const int Same = -1;

    internal static string Text(int padding) => padding == Same ? "same" : $"{padding}";
}
