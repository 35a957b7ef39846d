"""文旅局: culture, and the talents of disabled children (clause XN-4).

The Culture and Tourism Bureau looks for children with a gift and opens doors for them. It announces talents
found and taught, what they have shown in public, and cultural activities with the children who took part.
"""
