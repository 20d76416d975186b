namespace HeartSound.Edge.Hosting.Heat;

/// <summary>One place whose temperature the kernel knows.</summary>
/// <param name="Name">As the kernel calls it, such as <c>CPU-therm</c> or <c>tj-thermal</c>.</param>
/// <param name="Celsius">Temperature in °C.</param>
public sealed record HeatZone(string Name, double Celsius);
